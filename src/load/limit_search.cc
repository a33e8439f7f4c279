#include "load/limit_search.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace spillway::load {

void LimitSearch::tried(LimitStep step) {
  CHECK(!done_);
  const bool in_time = step.timed > 0 && step.p99 <= p99_max_;
  step.held = in_time && step.lost == 0 && step.refused == 0 && !step.load_saturated;
  steps_.push_back(step);
  if (step.held) {
    held_ = std::max(held_, pace_);
  } else {
    broken_ = broken_ == 0 ? pace_ : std::min(broken_, pace_);
  }
  if (broken_ == 0) {
    pace_ *= kFaster;
  } else if (held_ == 0) {
    pace_ *= kSlower;
  } else {
    pace_ = std::sqrt(held_ * broken_);
  }
  const bool close = held_ > 0 && broken_ > 0 && broken_ / held_ < kCloseEnough;
  done_ = close || pace_ < kSlowest || steps_.size() == kStepsMax;
}

const LimitStep* LimitSearch::best() const {
  const LimitStep* best = nullptr;
  for (const LimitStep& step : steps_) {
    if (step.held && (best == nullptr || step.pace > best->pace)) best = &step;
  }
  return best;
}

}  // namespace spillway::load
