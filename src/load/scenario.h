// What the viewers of a run do besides talking at their interval.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace spillway::load {

// A goal is scored: everybody talks `factor` times as often.
struct Burst {
  Duration at{};  // since the measured time began
  Duration lasts = std::chrono::seconds(10);
  double factor = 20;
};

// Many viewers of other rooms move to one, within a short time.
struct Raid {
  Duration at{};
  Duration within = std::chrono::seconds(5);
  std::uint32_t viewers = 0;
  std::uint32_t room = 0;  // from 0
};

// Viewers come and go, so that the number stays about the same.
struct Churn {
  Duration stay{};  // on average, exponentially distributed; 0: all stay
  Duration away = std::chrono::seconds(2);
};

// Viewers whose line is slow.
struct SlowViewers {
  double share = 0;                           // of all
  std::uint64_t bytes_per_second = 4 * 1024;  // that they read
};

struct Scenario {
  std::vector<Burst> bursts;
  std::vector<Raid> raids;
  Churn churn;
  SlowViewers slow;
};

// From `at` on all talk `factor` times as often as their interval says.
struct PaceChange {
  Duration at{};
  double factor = 1;
};

// What the bursts do together, in order of time. Those that overlap multiply.
std::vector<PaceChange> pace_changes(const std::vector<Burst>& bursts);

}  // namespace spillway::load
