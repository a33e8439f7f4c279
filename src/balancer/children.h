// The chat servers that this balancer started: from the wish for one to what its end means.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "balancer/fleet.h"
#include "balancer/launcher.h"
#include "balancer/orders.h"
#include "balancer/policy.h"
#include "base/log.h"
#include "base/string_map.h"

namespace spillway::balancer {

// Owned by the Balancer, on its loop; what it is given must outlive it. Bounded: `servers_max` of
// the fleet, looked at again just before each fork, and its own number on top, so that a Redis
// that forgot the fleet cannot make it start more.
class Children {
 public:
  struct Events {
    std::function<void(const Launched&)> on_started;
    // One that nobody had told to end is gone, or did not come up. `young_deaths`: in a row.
    std::function<void(const std::string& why, unsigned young_deaths)> on_died;
  };

  Children(Launcher& launcher, Orders& orders, Fleet& fleet, Policy& policy, Events events,
           Log& log);

  enum class By { kPolicy, kOperator };
  void start(By by, Launcher::OnStarted on_started);

  // It was ordered to drain, so its end is no death.
  void expect_end(const std::string& id);

  // Asked to come up and not there yet.
  std::uint32_t starting() const { return starting_; }
  std::size_t running() const { return launcher_.children(); }

  // All are told to stop, each at the pace of its own drain, and none is started any more.
  // `on_gone` comes once, when the last has ended and is out of Redis. Again: at once, as the
  // second signal to a server says.
  void stop(std::chrono::milliseconds patience, std::chrono::milliseconds last_resort,
            std::function<void()> on_gone);

 private:
  void ended(const std::string& id, const ChildExit& exit);
  void died(const std::string& id, const std::string& why, Duration lived);
  void look_whether_gone();

  Launcher& launcher_;
  Orders& orders_;
  Fleet& fleet_;
  Policy& policy_;
  const Events events_;
  Log& log_;
  std::uint32_t starting_ = 0;
  std::uint32_t removing_ = 0;            // ended, and their entries are being taken out of Redis
  StringMap<TimePoint> listening_since_;  // by id
  StringMap<bool> ending_;                // ids whose end is expected
  unsigned young_deaths_ = 0;
  bool stopping_ = false;
  std::function<void()> on_gone_;
};

}  // namespace spillway::balancer
