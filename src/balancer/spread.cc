#include "balancer/spread.h"

#include <algorithm>
#include <cmath>

namespace spillway::balancer {
namespace {

std::uint32_t fitting(const Headroom& server, double load_of_one, std::uint32_t wanted) {
  if (load_of_one <= 0) return wanted;
  return static_cast<std::uint32_t>(
      std::clamp(std::floor(server.load / load_of_one), 0.0, static_cast<double>(wanted)));
}

}  // namespace

protocol::Redistribute spread_over(std::vector<Headroom>& room, std::string_view from,
                                   std::uint32_t wanted, double load_of_one) {
  std::sort(room.begin(), room.end(),
            [](const Headroom& a, const Headroom& b) { return a.load > b.load; });
  double all = 0;
  for (const Headroom& server : room) {
    if (server.url != from) all += server.load;
  }
  protocol::Redistribute order;
  // The roomiest first, each its share of what is left: rounding goes to those with most room.
  for (Headroom& server : room) {
    if (server.url == from || order.n == wanted || all <= 0 ||
        order.targets.size() == protocol::kControlTargetsMax) {
      continue;
    }
    const std::uint32_t left = wanted - order.n;
    const auto share = static_cast<std::uint32_t>(std::ceil(left * server.load / all));
    all -= server.load;
    const std::uint32_t n = std::min({share, left, fitting(server, load_of_one, wanted)});
    if (n == 0) continue;
    order.targets.push_back({server.url, n});
    order.n += n;
    server.load -= n * load_of_one;
  }
  return order;
}

}  // namespace spillway::balancer
