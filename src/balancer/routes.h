// What the balancer answers. A function of the request and of what it is asked through.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "balancer/fleet.h"
#include "balancer/http_server.h"

namespace spillway::balancer {

// What the answers need to know, given by the Balancer.
struct RouteSources {
  enum class Health {
    kStarting,  // Redis was never read
    kOk,
    kDegraded,  // Redis is away; the last known state is used while it is fresh enough
    kLost,      // Redis has been away for too long to know the fleet
  };
  std::function<Health()> health;
  std::function<const ServerState*()> provision;  // nullptr: no server
};

// Every path also answers under /api. JSON throughout; 404 for unknown paths, 405 with Allow for
// wrong methods, 400 for a target that is no path.
Response answer(const Request& request, const RouteSources& sources);

}  // namespace spillway::balancer
