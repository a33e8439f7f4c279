// What a balancer is told at start. Parsed and validated once in src/cli, then passed on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/log.h"

namespace spillway::balancer {

struct BalancerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 3000;  // taken: the next free one; 0: any
  std::string redis_url = "redis://127.0.0.1:6379";
  std::string redis_prefix;                   // before every key and channel
  std::uint32_t servers_min = 0;              // chat servers that it starts and keeps up itself
  std::vector<std::string> server_arguments;  // of those: every flag but --id
  bool servers_die_with_us = false;           // `up`; a balancer's servers outlive it
  LogLevel log_level = LogLevel::kInfo;
};

}  // namespace spillway::balancer
