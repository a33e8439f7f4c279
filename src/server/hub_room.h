// A room as the hub knows it: its log, what is on its way to Redis, and which loops want it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "room/group_commit.h"
#include "room/room_sync.h"

namespace spillway::server {

// Owned by the Hub, on loop 0.
struct HubRoom {
  HubRoom(std::string_view room_name, std::uint64_t number, const room::HistoryRules& rules,
          std::size_t loop_count)
      : name(room_name), life(number), sync(rules), loops(loop_count), round(number) {}

  struct Loop {
    bool wants = false;
    bool open = false;       // has had a snapshot
    bool behind = false;     // its mailbox was full: it gets what is missing from the log
    bool recheck = false;    // asked whether Redis is ahead
    std::uint64_t sent = 0;  // up to this seq
  };

  const std::string name;
  const std::uint64_t life;  // differs from that of the same room when it was held before
  room::RoomSync sync;
  room::GroupCommit commit;
  std::vector<Loop> loops;
  std::uint64_t viewers = 0;   // on all servers, as last heard
  std::uint64_t round;         // answers to questions of an earlier round are too late
  TimePoint missed_at{};       // when its subscription was last found dead
  bool confirmed = false;      // the subscription
  bool recheck_again = false;  // asked while a read was under way that may not know yet
  bool active = false;         // stands in the publisher's list

  bool wanted() const {
    for (const Loop& loop : loops) {
      if (loop.wants) return true;
    }
    return false;
  }
};

}  // namespace spillway::server
