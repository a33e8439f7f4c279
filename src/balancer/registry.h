// Keeps the fleet's state fresh: one reading of Redis a second.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>
#include <string>

#include "balancer/fleet.h"
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
  // Whether readings came all the way from `now - span` to `now`.
  bool steady(TimePoint now, Duration span) const;

 private:
  static constexpr std::chrono::milliseconds kBreak{2500};  // one reading may be late

  std::optional<TimePoint> since_;
  TimePoint last_{};
};

// Owned by the Balancer, on its loop. REQUIRES a client that outlives it and is stopped before it
// goes. Bounded by kFleetServersMax; one reading is in flight at most.
class Registry {
 public:
  using OnReading = std::function<void(const Fleet&)>;

  Registry(boost::asio::io_context& io, redis::Client& client, std::string redis_prefix, Log& log);

  // `on_reading` comes after each reading, for what is done once a second.
  void start(OnReading on_reading);
  void stop();

  // A server of ours listens: it is part of the fleet at once, and not only from the next reading
  // that has it. Forgotten after kSilentAfter.
  void announce(const ServerState& server, TimePoint now);

  const Fleet& fleet() const { return fleet_; }
  const Watch& watch() const { return watch_; }
  // Whether the fleet is known well enough to send viewers somewhere: Redis was read within
  // kLastKnownFor. Through a short outage the servers go on serving, so the last state is better
  // than a refusal; after that nobody can tell who is still there.
  bool usable(TimePoint now) const;

 private:
  static constexpr std::chrono::milliseconds kPeriod{1000};
  static constexpr std::chrono::seconds kLastKnownFor{5};

  void schedule();
  void read();
  void finish(const redis::Answer& answer);

  redis::Client& client_;
  Log& log_;
  const std::string prefix_;
  const protocol::RedisNames names_;
  const redis::Script script_;
  boost::asio::steady_timer timer_;
  OnReading on_reading_;
  struct Announced {
    ServerState server;
    TimePoint at;
  };
  void add_announced(TimePoint now);

  Fleet fleet_;
  std::vector<Announced> announced_;
  Watch watch_;
  bool reading_ = false;  // a call is in flight
  bool read_once_ = false;
  std::string problem_;  // the last that was logged; empty: none since the last reading
};

}  // namespace spillway::balancer
