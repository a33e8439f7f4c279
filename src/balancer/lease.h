// Which of several balancers on one Redis decides. All of them answer provision.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "protocol/redis_names.h"
#include "redis/client.h"
#include "redis/script.h"

namespace spillway::balancer {

// `script` behind a check that the lease is still held: its last KEY is then the lease, its last
// ARGV the token. Without the lease nothing happens, and the answer is an error "LEASE ...".
std::string guarded(std::string_view script);
bool is_lease_lost(const redis::Answer& answer);

// A key in Redis that holds the token of the balancer that decides, and expires unless it is
// renewed. Every effect on the fleet is a guarded() script, so a balancer that was paused and wakes
// changes nothing, whatever it believes.
//
// Owned by the Balancer, on its loop; the client must outlive it.
class Lease {
 public:
  Lease(redis::Client& client, const protocol::RedisNames& names,
        std::chrono::microseconds duration);

  // Takes it if it is free, renews it if it is ours.
  void renew();
  // Gives it up for good if it is ours, so that another need not wait for its end. `done`: once
  // Redis has answered, or cannot be asked.
  void release(const std::function<void()>& done);

  bool held(TimePoint now) const { return !released_ && now < held_until_; }
  const std::string& key() const { return key_; }
  const std::string& token() const { return token_; }

 private:
  redis::Client& client_;
  const std::string key_;
  const std::string children_key_;  // kept alive with it
  const std::chrono::milliseconds duration_;
  const std::string token_;
  const redis::Script renew_;
  const redis::Script release_;
  TimePoint held_until_{};
  bool released_ = false;  // no renewal any more
};

}  // namespace spillway::balancer
