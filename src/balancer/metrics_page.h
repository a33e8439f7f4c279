// The Prometheus page of a balancer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "balancer/http_server.h"

namespace spillway::balancer {

struct BalancerMetrics {
  std::size_t servers_up = 0;     // may be given to viewers
  std::size_t servers_other = 0;  // draining, silent or without an address
  std::uint64_t viewers = 0;      // on all of them
  std::size_t rooms = 0;
  std::size_t children = 0;  // started by this balancer
  bool deciding = false;
  bool redis_connected = false;
  std::uint64_t provisions = 0;
  std::uint64_t decisions = 0;
  std::uint64_t late_readings = 0;
  HttpCounts http;
};

std::string metrics_page(const BalancerMetrics& metrics);

}  // namespace spillway::balancer
