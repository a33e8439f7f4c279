// Keeps the fleet's state fresh: one reading of Redis a second.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "balancer/fleet.h"
#include "balancer/lease.h"
#include "balancer/rooms_reader.h"
#include "base/clock.h"
#include "base/log.h"
#include "protocol/redis_names.h"
#include "redis/client.h"
#include "redis/script.h"

namespace spillway::balancer {

// For how long the balancer has been reading without a break. Silence of a server means something
// only if we would have heard it: after an outage of Redis every heartbeat is old.
class Watch {
 public:
  void reading(TimePoint now);
  // The connection was lost: what was read before may have been said to another Redis process,
  // whose successor knows nobody yet.
  void interrupted();
  // Whether readings came all the way from `now - span` to `now`.
  bool steady(TimePoint now, Duration span) const;
  // Whether a reading shows the whole fleet: at once at first, and after a break when every server
  // had the time to write again.
  bool settled(TimePoint now) const { return breaks_ == 0 || steady(now, kSettledAfter); }

 private:
  static constexpr std::chrono::milliseconds kBreak{2500};  // one reading may be late
  static constexpr std::chrono::seconds kSettledAfter{5};

  std::optional<TimePoint> since_;
  TimePoint last_{};
  int breaks_ = 0;
};

// Owned by the Balancer, on its loop. REQUIRES a client that outlives it and is stopped before it
// goes. One reading is in flight at most.
class Registry {
 public:
  static constexpr std::chrono::milliseconds kPeriod{1000};

  // After each reading that Redis answered. `on_time`: neither we nor Redis were late for it, so
  // that what it shows may be acted upon.
  using OnReading = std::function<void(bool on_time)>;

  Registry(boost::asio::io_context& io, redis::Client& client, Fleet& fleet, Lease& lease,
           const protocol::RedisNames& names, Log& log);

  void start(OnReading on_reading);
  void stop();
  // Redis was lost and is back.
  void reconnected() { watch_.interrupted(); }

  const Watch& watch() const { return watch_; }
  // Whether the fleet is known well enough to send viewers somewhere: Redis was read within
  // kLastKnownFor. Through a short outage the servers go on serving, so the last state is better
  // than a refusal; after that nobody can tell who is still there.
  bool usable(TimePoint now) const;
  std::uint64_t late_readings() const { return late_; }

 private:
  static constexpr std::chrono::seconds kLastKnownFor{5};
  static constexpr std::chrono::milliseconds kLateAfter{500};

  void schedule(TimePoint due);
  void read(TimePoint due);
  void finish(const redis::Answer& answer, TimePoint due);

  redis::Client& client_;
  Fleet& fleet_;
  Lease& lease_;
  Log& log_;
  const protocol::RedisNames& names_;
  const redis::Script script_;
  RoomsReader rooms_;
  // Of the rooms, since the last reading: over all servers, and server by server.
  std::optional<std::vector<RoomReading>> sums_;
  std::vector<std::pair<std::string, StringMap<std::uint64_t>>> server_rooms_;
  boost::asio::steady_timer timer_;
  OnReading on_reading_;
  Watch watch_;
  std::optional<TimePoint> read_at_;
  bool reading_ = false;  // a call is in flight
  std::uint64_t late_ = 0;
  std::string problem_;  // the last that was logged; empty: none since the last reading
};

}  // namespace spillway::balancer
