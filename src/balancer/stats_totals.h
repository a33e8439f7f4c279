// What the stream says of the fleet as a whole and of this balancer, and /redis-stats does not.
#pragma once

#include <cstdint>
#include <string>

#include "balancer/fleet.h"
#include "balancer/history.h"
#include "balancer/policy.h"

namespace spillway::balancer {

// The member "balancer" of an event:
//
//   {"at":[…100],"rooms":[…100],"messagesPerS":[…100],"provisions":[…100],
//    "deciding":true,"settings":{"serversMin":1,…}}
//
// and in a change only what is new, a number for a history; `at` is there the event's own. Owned by
// the StatsFeed.
class StatsTotals {
 public:
  // Of this balancer.
  struct Counts {
    std::uint64_t provisions = 0;  // viewers that were given a server, ever
    bool deciding = false;
  };

  StatsTotals(const PolicySettings& policy, const Capacity& capacity)
      : policy_(policy), capacity_(capacity) {}

  // Once a second, after the fleet was read: the member of a change.
  std::string tick(const Fleet& fleet, const Counts& counts, std::int64_t at_ms);
  // That of the whole, as of the last tick.
  std::string whole() const;

 private:
  const PolicySettings policy_;
  const Capacity capacity_;
  History<std::int64_t> at_;  // ms since 1970
  History<std::uint64_t> rooms_;
  History<double> messages_per_s_;  // over the last three seconds, of all rooms
  History<std::uint64_t> provisions_;
  bool deciding_ = false;
};

}  // namespace spillway::balancer
