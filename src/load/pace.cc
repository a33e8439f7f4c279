#include "load/pace.h"

#include "base/check.h"

namespace spillway::load {
void Pace::change(TimePoint at, double factor) {
  CHECK(factor > 0 && at >= since_);
  talked_ = talked(at);
  since_ = at;
  factor_ = factor;
}

Duration Pace::talked(TimePoint now) const { return talked_ + scaled(now - since_, factor_); }

TimePoint Pace::when(Duration talked) const {
  return since_ + scaled(talked - talked_, 1 / factor_);
}

}  // namespace spillway::load
