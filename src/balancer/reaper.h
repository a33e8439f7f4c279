// Takes servers that died without a word out of Redis.
#pragma once

#include <string>

#include "balancer/fleet.h"
#include "balancer/registry.h"
#include "base/log.h"
#include "protocol/redis_names.h"
#include "redis/client.h"
#include "redis/script.h"

namespace spillway::balancer {

// Owned by the Balancer, on its loop; the client must outlive it. Every removal is one script that
// looks at the heartbeat again, so that a server which spoke in between stays, and two balancers
// that remove the same one take its viewers out of the rooms once. Bounded: kRemovalsMax a second.
class Reaper {
 public:
  Reaper(redis::Client& client, const std::string& redis_prefix, Log& log);

  // After each reading. Removes nobody unless `watch` was steady for as long as they were silent.
  void look(const Fleet& fleet, const Watch& watch);

 private:
  static constexpr int kRemovalsMax = 16;

  void remove(const std::string& id);

  redis::Client& client_;
  const protocol::RedisNames names_;
  const redis::Script script_;
  Log& log_;
};

}  // namespace spillway::balancer
