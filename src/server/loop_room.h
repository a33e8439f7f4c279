// A room as one loop knows it: its rings and its viewers there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "room/flush_schedule.h"
#include "room/members.h"
#include "room/presence.h"
#include "room/room_rings.h"
#include "server/messages.h"
#include "server/room_flush.h"
#include "server/viewer.h"

namespace spillway::server {

// Owned by its loop's LoopRooms; stays where it is while viewers or the schedule refer to it.
struct LoopRoom : room::FlushSchedule::Room, room::RoomRings {
  explicit LoopRoom(std::string_view room_name) : name(room_name) {}

  const std::string name;
  room::Members<Viewer> members;
  std::uint32_t waiting = 0;      // pending registers that refer to it
  std::vector<ViewerId> waiters;  // to be looked at when a snapshot comes
  std::uint32_t leaving = 0;      // members told to leave: they count where they arrive
  room::Presence presence;

  std::unique_ptr<RoomFlush> flush;  // the one that is under way
  bool tell_viewers = false;         // the next flush shall tell how many viewers there are

  // Since the last tally.
  std::uint64_t deliveries = 0;
  std::uint32_t viewers_tallied = 0;
  std::uint64_t deliveries_rate = 0;  // of the last second in which there were any
  bool changed = false;               // stands in the list of the next tally
  bool counting = false;              // stands in the list of counts that are still to be told
  bool unused_listed = false;         // stands in the list of rooms to give back

  bool unused() const { return members.empty() && waiting == 0 && !queued && !flush; }
  std::uint32_t viewers() const { return static_cast<std::uint32_t>(members.size()) - leaving; }

  void load(const RoomSnapshot& snapshot);
  void append(const room::Batch& batch, std::uint64_t keep_from);
  // Forgets what is older than `seq`, but for viewers here nothing that no flush has offered yet.
  void keep_from(std::uint64_t seq);
  // Gives back the ring of a form that no viewer uses.
  void drop_unused_ring();
  std::size_t ring_bytes() const;
};

}  // namespace spillway::server
