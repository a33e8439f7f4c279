// How fast talking goes: talk time passes at a factor of real time, so that a burst needs no new
// schedule, and whoever was due halfway through an interval stays halfway through it.
#pragma once

#include "base/clock.h"

namespace spillway::load {

class Pace {
 public:
  // Talk time is 0 at `start`, and passes like real time.
  explicit Pace(TimePoint start) : since_(start) {}

  // From `at` on, which must not be before the last change. REQUIRES factor > 0.
  void change(TimePoint at, double factor);

  // Talk time at a moment not before the last change.
  Duration talked(TimePoint now) const;
  // When it will be so late, as long as the factor stays.
  TimePoint when(Duration talked) const;

 private:
  TimePoint since_;
  Duration talked_{};  // until then
  double factor_ = 1;
};

}  // namespace spillway::load
