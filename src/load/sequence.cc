#include "load/sequence.h"

#include <algorithm>

namespace spillway::load {

Sequence::Verdict Sequence::saw(std::uint64_t seq) {
  if (seq < next_) return fill(seq) ? Verdict::kLate : Verdict::kRepeat;
  const bool hole = seq > next_;
  if (hole) add_hole({next_, seq});
  next_ = seq + 1;
  return hole ? Verdict::kAfterHole : Verdict::kNext;
}

std::uint64_t Sequence::skip(std::uint64_t from, std::uint64_t to) {
  from = std::max(from, next_);
  if (to < from) return 0;
  // What lies between next() and `from` is missing too, and nobody said so.
  add_hole({next_, to + 1});
  next_ = to + 1;
  return to + 1 - from;
}

std::uint64_t Sequence::missing() const {
  std::uint64_t missing = forgotten_;
  if (holes_) {
    for (const Hole& hole : *holes_) missing += hole.to - hole.from;
  }
  return missing;
}

void Sequence::add_hole(Hole hole) {
  if (!holes_) holes_ = std::make_unique<std::vector<Hole>>();
  holes_->push_back(hole);
  forget_old_holes();
}

void Sequence::forget_old_holes() {
  if (holes_->size() <= kHolesMax) return;
  forgotten_ += holes_->front().to - holes_->front().from;
  holes_->erase(holes_->begin());
}

bool Sequence::fill(std::uint64_t seq) {
  if (!holes_) return false;
  const auto hole = std::find_if(holes_->begin(), holes_->end(), [seq](const Hole& candidate) {
    return candidate.from <= seq && seq < candidate.to;
  });
  if (hole == holes_->end()) return false;
  const Hole after{seq + 1, hole->to};
  hole->to = seq;
  if (after.from < after.to) holes_->insert(hole + 1, after);
  std::erase_if(*holes_, [](const Hole& left) { return left.from == left.to; });
  forget_old_holes();
  return true;
}

}  // namespace spillway::load
