// To whom a loaded server's viewers go. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/control.h"

namespace spillway::balancer {

// What a server may still take.
struct Headroom {
  std::string url;
  double load = 0;  // until it has no room any more
};

// At most `wanted` viewers of the server at `from`, shared among the others by their headroom and
// never beyond it; what is given is taken off `room`. `load_of_one`: what one viewer brings along.
protocol::Redistribute spread_over(std::vector<Headroom>& room, std::string_view from,
                                   std::uint32_t wanted, double load_of_one);

}  // namespace spillway::balancer
