// The numbers by which Redis knows a server's batches again.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace spillway::room {

// One a process: it counts over all rooms. By the clock in microseconds at first, which no process
// publishes as fast as: a server that comes back under its id must not use again what Redis takes
// for a repeat of its former life.
class BatchNumbers {
 public:
  explicit BatchNumbers(WallTime started) : next_(static_cast<std::uint64_t>(started.ms) * 1000) {}

  std::uint64_t take() { return next_++; }

 private:
  std::uint64_t next_;
};

}  // namespace spillway::room
