// A room as one loop holds it: where its order stands, and the newest messages in each wire form
// that a viewer there uses.
//
// Owned by its loop. Pure. Bounded by what the hub says is to be kept.
#pragma once

#include <cstdint>
#include <memory>

#include "room/resume.h"
#include "room/ring.h"
#include "room/room_feed.h"

namespace spillway::room {

struct RoomRings {
  EpochState state;                 // state.epoch is empty until the first snapshot
  std::uint64_t opened_seq = 0;     // state.seq of that snapshot
  std::unique_ptr<Ring> plain;      // each only while a viewer uses it,
  std::unique_ptr<Ring> coalesced;  // but at least one once the room is open
  std::uint64_t offered = 0;        // every viewer was offered the messages before this one

  bool open() const { return !state.epoch.empty(); }
  // REQUIRES open().
  const Ring& any_ring() const { return plain ? *plain : *coalesced; }
  std::uint64_t first_seq() const { return any_ring().first_seq(); }
  std::uint64_t next_seq() const { return any_ring().next_seq(); }
  Holding holding() const { return {state, first_seq(), opened_seq}; }
  // The ring of that form; made from the other one at its first use.
  Ring& ring(WireForm form);

  void load(const RoomSnapshot& snapshot);
  // False: it was there before.
  bool append(const Batch& batch);
  void drop_before(std::uint64_t seq);
  // Likewise, but nothing that no flush has offered yet: a history shorter than a flush interval
  // must not make gaps for viewers who keep up.
  void drop_offered_before(std::uint64_t seq) { drop_before(seq < offered ? seq : offered); }
};

}  // namespace spillway::room
