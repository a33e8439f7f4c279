// When messages are due: at a fixed rate, whatever becomes of those before. A server that stalls
// must not slow down the clock it is measured by.
#pragma once

#include <cstdint>

#include "base/check.h"
#include "base/clock.h"

namespace spillway::load {

class OpenLoop {
 public:
  // REQUIRES per_second > 0.
  OpenLoop(TimePoint start, double per_second) : start_(start), per_second_(per_second) {
    CHECK(per_second > 0);
  }

  std::uint64_t taken() const { return taken_; }

  // When the next message is due. Counted from the start, so that nothing adds up.
  TimePoint next() const {
    const std::chrono::duration<double> after(static_cast<double>(taken_) / per_second_);
    return start_ + std::chrono::duration_cast<Duration>(after);
  }
  void take() { ++taken_; }

 private:
  TimePoint start_;
  double per_second_;
  std::uint64_t taken_ = 0;
};

}  // namespace spillway::load
