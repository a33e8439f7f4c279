// What the balancer answers, from what it is asked through.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "balancer/api_call.h"
#include "balancer/http_exchange.h"
#include "balancer/launcher.h"
#include "base/result.h"

namespace spillway::balancer {

// What the answers need to know, and what they set going; given by the Balancer. What takes a
// function calls it once, now or later. All of them are set.
struct RouteSources {
  enum class Health {
    kStarting,  // Redis was never read
    kOk,
    kDegraded,  // Redis is away; the last known state is used while it is fresh enough
    kLost,      // Redis has been away for too long to know the fleet
  };
  std::function<Health()> health;

  struct Given {  // valid until the loop's next turn
    std::string_view id;
    std::string_view url;
  };
  // An empty room: none is named. None: no server.
  std::function<std::optional<Given>(std::string_view room)> provision;

  using OnCreated = std::function<void(const Result<Launched>&)>;
  std::function<void(OnCreated)> create;

  // The id of the server that was told to drain; empty: there is none.
  using OnDrainedAny = std::function<void(const Result<std::string>&)>;
  std::function<void(OnDrainedAny)> drain_any;

  enum class Drain { kOrdered, kUnknown, kAway };  // kAway: Redis is
  using OnDrained = std::function<void(Drain)>;
  std::function<void(const std::string& id, OnDrained)> drain;

  std::function<std::shared_ptr<const std::string>()> redis_stats;  // JSON; nullptr: not known yet
  std::function<std::string()> metrics;                             // Prometheus text

  // `rooms`: how many of the busiest it wants to hear of; SIZE_MAX: all.
  std::function<void(EventStream, std::size_t rooms)> listen;
};

// A web page, or a call. Answers at once, or when the source calls back; a source that drops its
// callback uncalled ends the connection.
void route(Exchange exchange, const RouteSources& sources, const RouteOptions& options);

// What is answered at once, without an Exchange; those calls' part of route(). None: another call.
std::optional<Response> answer_at_once(const ApiCall& call, const RouteSources& sources,
                                       const RouteOptions& options);

// What the calls that change the fleet are answered.
Response created(const Result<Launched>& launched);
Response drained_any(const Result<std::string>& id);
Response drained(const std::string& id, RouteSources::Drain drain);

}  // namespace spillway::balancer
