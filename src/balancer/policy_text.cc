// What decisions say of themselves.
#include <fmt/core.h>

#include "balancer/policy.h"
#include "base/overloaded.h"

namespace spillway::balancer {

Description describe(const Decision& decision, const PolicySettings& settings) {
  return std::visit(
      overloaded{[&](const SpawnDecision& spawn) -> Description {
                   return {"spawn",
                           fmt::format("{} is over, and no other server has room", spawn.server),
                           {{"load", spawn.load},
                            {"above", settings.spawn_above},
                            {"room_below", settings.room_below}}};
                 },
                 [&](const RedistributeDecision& move) -> Description {
                   const bool by_load = move.load > settings.redistribute_above;
                   return {"redistribute",
                           fmt::format("{} {}: {} of its viewers go to {} with room", move.server,
                                       by_load ? "is overloaded" : "lags", move.order.n,
                                       move.order.targets.size() == 1 ? "a server" : "servers"),
                           {{"load", move.load},
                            {"above", settings.redistribute_above},
                            {"lag_ms", move.lag_ms},
                            {"lag_above_ms", settings.redistribute_lag_ms},
                            {"viewers", move.order.n},
                            {"targets", static_cast<double>(move.order.targets.size())}}};
                 },
                 [&](const ShrinkDecision& shrink) -> Description {
                   return {"shrink",
                           fmt::format("the fleet fits in one server fewer; {} is the emptiest",
                                       shrink.server),
                           {{"load", shrink.load},
                            {"viewers", static_cast<double>(shrink.viewers)},
                            {"below", settings.shrink_below}}};
                 },
                 [&](const HealDecision& heal) -> Description {
                   return {"heal",
                           heal.load > 0
                               ? "a server died, and the others have no room for its viewers"
                               : "there are fewer servers than --servers-min",
                           {{"present", heal.present},
                            {"servers_min", settings.servers_min},
                            {"load", heal.load}}};
                 }},
      decision);
}

}  // namespace spillway::balancer
