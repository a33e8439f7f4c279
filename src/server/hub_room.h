// A room as the hub knows it: its log, what is on its way to Redis, and which loops want it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "room/group_commit.h"
#include "room/room_feed.h"
#include "room/room_sync.h"

namespace spillway::server {

// Owned by the Hub, on loop 0.
struct HubRoom {
  // `rules` outlive it.
  HubRoom(std::string_view room_name, std::uint64_t number, const room::HistoryRules& rules,
          std::size_t loop_count)
      : name(room_name), life(number), sync(rules), feed(name, loop_count), round(number) {}

  const std::string name;
  const std::uint64_t life;  // differs from that of the same room when it was held before
  room::RoomSync sync;
  room::GroupCommit commit;
  room::RoomFeed feed;
  std::uint64_t viewers = 0;  // on all servers, as last heard
  std::uint64_t round;        // answers to questions of an earlier round are too late
  TimePoint renew_at{};       // when a batch is to renew again how long Redis keeps the room
  std::uint64_t cut_at = 0;   // before this id the log in Redis was last cut
  TimePoint missed_at{};      // when its subscription was last found dead
  std::size_t turn = 0;       // where it stands in the hub's order
  bool confirmed = false;     // the subscription
  bool alone = true;          // the last batch from here began where it was expected
  bool active = false;        // stands in the publisher's list
};

}  // namespace spillway::server
