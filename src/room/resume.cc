#include "room/resume.h"

#include <algorithm>

namespace spillway::room {

Resume judge(const protocol::Position& since, const EpochState& state, std::uint64_t first_seq) {
  const bool same = since.epoch == state.epoch;
  // A new epoch that continued the counter: what was ordered before it is still the same.
  const bool continued =
      !state.prev_epoch.empty() && since.epoch == state.prev_epoch && since.seq <= state.prev_seq;
  if (!same && !continued) return Resume::kGone;
  if (since.seq > state.seq) return Resume::kAhead;
  return since.seq + 1 >= first_seq ? Resume::kWhole : Resume::kGone;
}

std::uint64_t position_before_newest(std::uint64_t count, std::uint64_t first_seq,
                                     std::uint64_t seq) {
  const std::uint64_t newest = seq > count ? seq - count : 0;
  return std::max(newest, first_seq - 1);
}

}  // namespace spillway::room
