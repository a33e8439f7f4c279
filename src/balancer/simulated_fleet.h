// A fleet of servers that exists in numbers only, for tests of the balancer: rooms, viewers, what
// they cost, and heartbeats. Time is passed in, chance comes from a seed.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "balancer/fleet.h"
#include "base/random.h"

namespace spillway::balancer {

struct SimulatedRoom {
  std::string name;
  double messages_per_s = 0;
  double popularity = 0;     // share of the viewers that come for it
  double busy_factor = 1;    // small rooms keep a loop busier for the same deliveries
  double messages_sent = 0;  // ever
};

// A server with its viewers. A viewer is the time at which it was last moved here.
class SimulatedServer {
 public:
  SimulatedServer(std::string id, TimePoint born, std::uint64_t phase_ms,
                  const std::vector<SimulatedRoom>& rooms, const Capacity& capacity);

  void join(std::size_t room, TimePoint moved_at);
  // A random viewer of that room. REQUIRES that it has one.
  TimePoint leave(std::size_t room, Random& random);
  // A room by the number of its viewers, or by what they cost. REQUIRES viewers() > 0.
  std::size_t room_by_viewers(Random& random) const;
  std::size_t room_by_cost(Random& random) const;
  // The rates of its rooms have changed.
  void rates_changed();

  // `step` of work, and a heartbeat if its second is over.
  void run(TimePoint now, Duration step, Random& random);

  // What it would need: 1 is full. What it reports is less once its loop has no more time.
  double load() const;
  double load_of_one(std::size_t room) const;
  std::size_t viewers() const { return viewers_; }
  std::size_t viewers(std::size_t room) const { return members_[room].size(); }
  const std::string& id() const { return id_; }
  const std::string& url() const { return url_; }
  // As Redis has it.
  ServerReading reading(TimePoint now) const;
  bool has_heartbeat() const { return written_.heartbeat_ms.has_value(); }
  StringMap<std::uint64_t> room_counts() const;

  bool draining = false;
  TimePoint fine_at;                                  // when it was last not overloaded
  std::deque<std::pair<TimePoint, double>> moved_in;  // when, and the load it brought

 private:
  void heartbeat(TimePoint now);

  const std::string id_;
  const std::string url_;
  const std::vector<SimulatedRoom>& rooms_;
  const Capacity capacity_;
  TimePoint next_heartbeat_;
  std::vector<std::vector<TimePoint>> members_;  // by room
  std::size_t viewers_ = 0;
  double deliveries_per_s_ = 0;  // that its viewers want
  double busy_ = 0;              // that it takes
  double deliveries_ = 0;        // ever made
  double busy_s_ = 0;            // since the last heartbeat
  double lag_ms_s_ = 0;
  double seconds_ = 0;
  ServerReading written_;
};

}  // namespace spillway::balancer
