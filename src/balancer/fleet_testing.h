// For tests: readings of a fleet, second after second.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "balancer/fleet.h"

namespace spillway::balancer {

inline const TimePoint kFleetStart{std::chrono::hours(1)};
inline constexpr Capacity kFleetCapacity{.deliveries_per_s = 1000, .busy = 0.7};

// A server that is up; its loads come from its deliveries.
inline ServerReading reading_of(std::string id, std::uint64_t viewers,
                                std::uint64_t deliveries = 0) {
  ServerReading server;
  server.url = "ws://" + id;
  server.id = std::move(id);
  server.status = "up";
  server.viewers = viewers;
  server.deliveries = deliveries;
  server.silence = std::chrono::milliseconds(100);
  server.ours = true;
  return server;
}

// What was read `second` seconds after the start; the heartbeats are as old as their silence.
inline FleetReading reading_at(int second, std::vector<ServerReading> servers) {
  FleetReading reading;
  reading.redis_ms = 1'000'000 + 1000 * second;
  reading.read_at = kFleetStart + std::chrono::seconds(second);
  reading.servers = std::move(servers);
  for (ServerReading& server : reading.servers) {
    if (server.silence) server.heartbeat_ms = reading.redis_ms - server.silence->count();
  }
  return reading;
}

// Four seconds of a fleet whose servers make `deliveries_per_s` for their viewers.
struct SteadyServer {
  std::string id;
  std::uint64_t viewers = 0;
  std::uint64_t deliveries_per_s = 0;
};
inline void apply_steady(Fleet& fleet, const std::vector<SteadyServer>& servers, int from = 0) {
  for (int second = from; second < from + 4; ++second) {
    std::vector<ServerReading> readings;
    for (const SteadyServer& server : servers) {
      readings.push_back(reading_of(server.id, server.viewers,
                                    server.deliveries_per_s * static_cast<unsigned>(second)));
    }
    fleet.apply(reading_at(second, std::move(readings)));
  }
}

}  // namespace spillway::balancer
