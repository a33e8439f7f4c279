// Looks for the highest load that holds: faster and faster until it breaks, then between.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace spillway::load {

// One load that was tried for some seconds.
struct LimitStep {
  double pace = 1;  // how much faster than their interval all talked
  double messages_per_s = 0;
  double deliveries_per_s = 0;
  std::uint64_t timed = 0;  // deliveries with a latency; none: nothing is known about it
  Duration p99{};
  std::uint64_t lost = 0;
  std::uint64_t refused = 0;    // messages that a server refused, or that did not even go out
  bool load_saturated = false;  // then it says nothing about the server
  bool held = false;
};

// Owned by the coordinator. Ends after at most kStepsMax steps.
class LimitSearch {
 public:
  explicit LimitSearch(Duration p99_max) : p99_max_(p99_max) {}

  Duration p99_max() const { return p99_max_; }
  // What to try now. REQUIRES !done().
  double pace() const { return pace_; }
  // How that went; `held` is filled in.
  void tried(LimitStep step);
  bool done() const { return done_; }

  const std::vector<LimitStep>& steps() const { return steps_; }
  // The highest load that held; null: none did.
  const LimitStep* best() const;

 private:
  static constexpr std::size_t kStepsMax = 40;
  static constexpr double kFaster = 1.5;
  static constexpr double kSlower = 0.5;
  static constexpr double kCloseEnough = 1.05;  // between what held and what broke
  static constexpr double kSlowest = 1e-3;

  Duration p99_max_;
  double pace_ = 1;
  double held_ = 0;    // the highest that did
  double broken_ = 0;  // the lowest that did; 0: none yet
  bool done_ = false;
  std::vector<LimitStep> steps_;
};

}  // namespace spillway::load
