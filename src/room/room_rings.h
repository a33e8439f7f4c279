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
  EpochState state;                       // state.epoch is empty until the first snapshot
  std::uint64_t opened_seq = 0;           // state.seq of that snapshot
  std::unique_ptr<Ring> plain;            // each only while a viewer uses it, but at least one
  std::unique_ptr<Ring> coalesced;        // once the room is open and does not rest
  BatchPtr rest_log;                      // what they held, while it does; null: nothing
  WireForm rest_form = WireForm::kPlain;  // of the one that there has to be
  std::uint64_t offered = 0;              // every viewer was offered the messages before this one

  bool open() const { return !state.epoch.empty(); }
  bool resting() const { return open() && !plain && !coalesced; }
  // REQUIRES open().
  std::uint64_t first_seq() const;
  std::uint64_t next_seq() const { return resting() ? state.seq + 1 : any_ring().next_seq(); }
  // REQUIRES open() and !resting().
  const Ring& any_ring() const { return plain ? *plain : *coalesced; }
  Holding holding() const { return {state, first_seq(), opened_seq}; }
  // The ring of that form; made at its first use, from the other one or from what rests.
  Ring& ring(WireForm form);

  // The hub's copy, all of which is here already, takes the place of the rings. Who asks for one
  // makes it anew.
  void rest(BatchPtr log);
  void wake();

  void load(const RoomSnapshot& snapshot);
  // False: it was there before.
  bool append(const Batch& batch);
  void drop_before(std::uint64_t seq);
  // Likewise, but nothing that no flush has offered yet: a history shorter than a flush interval
  // must not make gaps for viewers who keep up.
  void drop_offered_before(std::uint64_t seq) { drop_before(seq < offered ? seq : offered); }
};

}  // namespace spillway::room
