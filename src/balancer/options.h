// What a balancer is told at start. Parsed and validated once in src/cli, then passed on.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "balancer/load.h"
#include "balancer/policy.h"
#include "balancer/reading.h"
#include "base/log.h"

namespace spillway::balancer {

// What becomes of the servers that it started when the balancer is told to stop. A balancer that
// dies never takes them along.
enum class AtExit {
  kDrain,  // each at its own pace, and the balancer waits for them
  kKeep,   // they serve on, and the next balancer finds them
};

struct BalancerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 3000;  // taken: the next free one; 0: any
  std::string redis_url = "redis://127.0.0.1:6379";
  std::string redis_prefix;                   // before every key and channel
  std::vector<std::string> server_arguments;  // of its servers: every flag but --id
  bool servers_die_with_us = false;           // `up`; a balancer's servers outlive it
  AtExit servers_at_exit = AtExit::kDrain;
  std::chrono::microseconds server_start_timeout = std::chrono::seconds(5);
  PolicySettings policy;  // servers_max 0: a server a core
  Capacity capacity;
  Silence silence;
  std::chrono::microseconds lease = std::chrono::seconds(3);
  std::string admin_token;        // empty: none
  std::string cors_origin = "*";  // of GET /servers/provision; "off": none
  std::string frame_origin;       // whose pages may show the chat in a frame; empty: only ours
  LogLevel log_level = LogLevel::kInfo;
};

}  // namespace spillway::balancer
