// One measurement: viewers in rooms, messages at a fixed rate, what became of them.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "load/histogram.h"
#include "load/swarm.h"

namespace spillway::load {

// Another process whose processor time over the window is wanted.
struct Watched {
  std::string name;
  pid_t pid = 0;
};

struct RateRunOptions {
  double per_second = 20;  // messages, over all rooms
  std::size_t text_bytes = 40;
  std::size_t talkers = 50;  // viewers that speak in turn; at least one a room
  std::chrono::milliseconds warm_up{2000};
  std::chrono::milliseconds duration{10'000};
  std::chrono::milliseconds drain{5000};  // at most this long for what is still on its way
  std::vector<Watched> watched;
};

// Which side had nothing left: what the numbers are a measurement of.
enum class Saturated : std::uint8_t { kNone, kServer, kLoad };

struct CpuUse {
  std::string name;
  Duration used{};  // within the window
};

struct RateRunResult {
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;  // viewers times messages that never came, announced or not
  Duration connect_took{};
  Duration window{};        // as long as it really was
  Histogram lateness;       // of sending, behind the moment it was due
  std::vector<CpuUse> cpu;  // the load itself first, as "load"
  Saturated saturated = Saturated::kNone;
};

// Connects `swarm`, warms up, measures, waits for the rest. The swarm's tally holds the rest of the
// result. Messages that are due in the warm-up and in the drain are not measured but counted.
Result<RateRunResult> run_at_rate(Swarm& swarm, const RateRunOptions& options);

}  // namespace spillway::load
