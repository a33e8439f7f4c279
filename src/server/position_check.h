// Compares what this server holds of its rooms with Redis, now and then, so that a subscription
// which died in silence is found although its room is quiet.
//
// Owned by the hub, on loop 0. Bounded: one entry a room, and for a while one for a room that went;
// at most kCallsPerSecond reads of kRoomsPerCall rooms under way.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/redis_names.h"
#include "redis/script.h"
#include "server/hub_room.h"
#include "server/redis_link.h"

namespace spillway::server {

class PositionCheck {
 public:
  static constexpr std::size_t kRoomsPerCall = 500;
  // Some 3 % of what Redis can do. Beyond 500,000 rooms a round takes longer, in proportion.
  static constexpr std::size_t kCallsPerSecond = 40;
  // A room's turn comes within so many seconds, with something left for the answers out of 30.
  static constexpr std::size_t kRoundSeconds = 25;

  struct Ports {
    std::function<HubRoom*(std::string_view)> find;
    // Redis has another epoch, none, or less than there was: nobody says so until the next message.
    std::function<void(HubRoom&)> on_elsewhere;
    // Redis has messages that should have come and have not: the subscription is dead.
    std::function<void(HubRoom&)> on_missed;
  };

  PositionCheck(RedisLink& link, const protocol::RedisNames& names, Ports ports);

  void add(const HubRoom& room);  // a new one
  // Once a second.
  void tick();

 private:
  struct Entry {
    std::string room;
    std::uint64_t life = 0;
  };
  // A room, and where Redis was when it was asked.
  struct Seen {
    std::string room;
    std::uint64_t round = 0;
    std::uint64_t held = 0;  // here, when the question went
    std::string epoch{};
    std::uint64_t seq = 0;
  };

  void ask(std::vector<Seen> rooms);
  void answered(std::vector<Seen>& rooms, const redis::Answer& answer);
  enum class Standing { kLevel, kElsewhere, kMissed };
  Standing standing(const Seen& seen) const;
  void probe();
  void passed();

  RedisLink& link_;
  const protocol::RedisNames& names_;
  const Ports ports_;
  const redis::Script script_;
  std::deque<Entry> turns_;     // every room once, in the order of their turns
  std::size_t calls_ = 0;       // under way
  std::vector<Seen> suspects_;  // not level at the first look
  std::vector<Seen> probed_;    // the same, while it is made sure that nothing is on its way
  int waited_ = 0;              // ticks that they have stood there
};

}  // namespace spillway::server
