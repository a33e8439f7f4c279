#include "load/pace.h"

#include "base/check.h"

namespace spillway::load {
namespace {

Duration scaled(Duration duration, double factor) {
  return Duration(static_cast<Duration::rep>(static_cast<double>(duration.count()) * factor));
}

}  // namespace

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
