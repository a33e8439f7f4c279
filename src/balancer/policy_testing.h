// For tests of the policy: servers and fleets as it sees them.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "balancer/policy.h"

namespace spillway::balancer {

inline const TimePoint kPolicyStart{std::chrono::hours(1)};

// A server of ours with a thousand viewers that has been that loaded for a while.
inline ServerView server_with(std::string id, double load) {
  ServerView server;
  server.url = "ws://" + id;
  server.id = std::move(id);
  server.alive = true;
  server.ours = true;
  server.viewers = 1000;
  server.spawn_load = load;
  server.redistribute_load = load;
  server.lag_ms = 1;
  server.expected_load = load;
  return server;
}

// It has just begun: nothing is known of its loads.
inline ServerView new_server(std::string id) {
  ServerView server = server_with(std::move(id), 0);
  server.viewers = 0;
  server.spawn_load.reset();
  server.redistribute_load.reset();
  server.lag_ms.reset();
  return server;
}

inline FleetView fleet_of(std::vector<ServerView> servers, Duration after = Duration{0}) {
  FleetView fleet;
  fleet.now = kPolicyStart + after;
  fleet.servers = std::move(servers);
  return fleet;
}

// Those of one kind.
template <typename Kind>
std::vector<Kind> only(const std::vector<Decision>& decisions) {
  std::vector<Kind> found;
  for (const Decision& decision : decisions) {
    if (const auto* one = std::get_if<Kind>(&decision)) found.push_back(*one);
  }
  return found;
}

}  // namespace spillway::balancer
