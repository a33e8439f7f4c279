// /stats/stream: who listens to the fleet's numbers, and what they are told once a second.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "balancer/decision_log.h"
#include "balancer/fleet.h"
#include "balancer/http_exchange.h"
#include "balancer/stats_totals.h"
#include "base/string_map.h"

namespace spillway::balancer {

// What has changed since the last tick, as JSON. A field that is not there is as it was. A number
// of a history is its next entry; where it is missing the next entry is the last once more. New
// servers and rooms come whole, with their histories, as in /redis-stats.
//
//   {"at":<ms>,
//    "socketServers":[{"id":"…","state":{"clients":7,"chatRooms":{"lobby":3,"left":0},…}},
//                     {"server":{…},"state":{…whole…}}],
//    "chatRooms":{"lobby":{"clients":12},"new":{…whole…}},
//    "gone":{"socketServers":["<id>"],"chatRooms":["name"]},
//    "decisions":[…new…],
//    "balancer":{…}}  // stats_totals.h
//
// Owned by the StatsFeed. Bounded by the fleet.
class ServerChanges {
 public:
  // The elements of "socketServers", and the ids that are gone.
  struct Text {
    std::string changed;
    std::string gone;
  };
  Text tick(const Fleet& fleet);

 private:
  struct Last {
    std::uint64_t clients = 0, socket_writes = 0, fanouts = 0, flushes = 0;
    std::uint64_t rss = 0, heap_total = 0, heap_used = 0;
    double timeouts = 0, busy = 0;
    std::string status;
    StringMap<std::uint64_t> rooms;
    std::uint64_t seen = 0;  // the tick
  };
  static void append_changes(std::string& out, const Fleet::Server& server, Last& last);

  StringMap<Last> last_;
  std::uint64_t ticks_ = 0;
};

// The same for the `count` busiest rooms.
class RoomChanges {
 public:
  explicit RoomChanges(std::size_t count) : count_(count) {}

  std::size_t count() const { return count_; }
  ServerChanges::Text tick(const Fleet& fleet);

 private:
  struct Last {
    std::uint64_t clients = 0, messages = 0, socket_writes = 0;
    std::uint64_t seen = 0;
  };
  static void append_changes(std::string& out, const Fleet::Room& room, Last& last);

  std::size_t count_;
  StringMap<Last> last_;
  std::uint64_t ticks_ = 0;
};

// Owned by the Balancer, on its loop. Everything is encoded once a tick for all who asked for the
// same number of rooms. Bounded by the streams that the HTTP server allows, and kGroupsMax.
class StatsFeed {
 public:
  StatsFeed(const Fleet& fleet, const DecisionLog& decisions, const PolicySettings& policy)
      : fleet_(fleet), decisions_(decisions), totals_(policy, fleet.capacity()) {}

  // Each number of rooms costs an encoding of its own, and a memory of what was told.
  static constexpr std::size_t kGroupsMax = 16;

  // It gets the whole with the next tick, and then changes; it is dropped if its number of rooms is
  // one too many.
  void add(EventStream listener, std::size_t rooms);
  // Once a second, after the fleet was read.
  void tick(const StatsTotals::Counts& counts);
  void stop() { groups_.clear(); }

 private:
  struct Group {
    explicit Group(std::size_t rooms) : changes(rooms) {}
    RoomChanges changes;
    std::vector<EventStream> fresh;  // did not get the whole yet
    std::vector<EventStream> listeners;
  };
  // What all groups are told in one tick.
  struct Common {
    std::int64_t at_ms = 0;
    ServerChanges::Text servers;
    std::string decisions;
    std::string totals;
  };
  void tell(Group& group, const Common& common);
  std::string state(std::size_t rooms) const;
  std::string new_decisions();

  const Fleet& fleet_;
  const DecisionLog& decisions_;
  ServerChanges servers_;
  StatsTotals totals_;
  std::uint64_t decisions_told_ = 0;
  std::vector<std::unique_ptr<Group>> groups_;  // by number of rooms
};

}  // namespace spillway::balancer
