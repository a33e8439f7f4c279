#include "load/interruption.h"

#include <algorithm>

namespace spillway::load {

void Interruption::comes_back(TimePoint now) {
  if (!left_) left_ = now;  // an attempt that fails is a part of it
  whole_at_ = 0;
}

// At least one more has to come: until then nobody knows whether anything does.
void Interruption::is_back(std::uint64_t position, std::uint64_t newest) {
  if (left_) whole_at_ = std::max(newest, position + 1);
}

void Interruption::is_told_to_move(TimePoint now) { move_ = {now, {}, false}; }

void Interruption::has_moved() {
  if (move_) move_->done = true;
}

bool Interruption::news(TimePoint now, std::uint64_t next, Tally& tally) {
  if (whole_at_ != 0 && next > whole_at_) {
    tally.catch_up.record(now - *left_);
    left_.reset();
    whole_at_ = 0;
  }
  if (move_) {
    move_->longest = std::max(move_->longest, now - move_->last_news);
    move_->last_news = now;
    if (move_->done) {
      tally.pause.record(move_->longest);
      move_.reset();
    }
  }
  return !left_ && !move_;
}

}  // namespace spillway::load
