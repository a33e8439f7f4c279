// All engines' tallies, added up at one moment.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "load/board.h"
#include "load/histogram.h"
#include "load/metric.h"

namespace spillway::load {

struct Snapshot {
  TimePoint at;
  Counts counts{};
  Histogram latency;
  Histogram lateness;
  Histogram catch_up;
  Histogram pause;
  std::uint64_t watching = 0;
  std::uint64_t missing = 0;     // by viewers that are there and not slow on purpose
  std::uint64_t unanswered = 0;  // of the same
  std::uint64_t drained = 0;     // how often each engine has told these since draining began
  std::vector<Duration> cpu;     // of each engine
  std::map<std::string, std::uint64_t> servers;  // URL: viewers there
  std::string problem;                           // the first that any of them met; empty: none

  std::uint64_t count(Metric metric) const { return count_of(counts, metric); }
  // Messages that viewers should have got and did not, but for those that are slow on purpose.
  std::uint64_t lost() const { return missing + count(Metric::kLeftMissing); }
};

Snapshot take_snapshot(const Board& board);

}  // namespace spillway::load
