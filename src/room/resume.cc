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

bool must_ask(const protocol::Position& since, const EpochState& state, std::uint64_t first_seq) {
  const Resume verdict = judge(since, state, first_seq);
  const bool foreign = verdict == Resume::kGone && since.epoch != state.epoch;
  return verdict == Resume::kAhead || foreign;
}

Entry enter(const Wish& wish, const Holding& room, std::uint32_t history_max) {
  const std::uint64_t first = room.first_seq;
  const auto newest = [&](std::uint32_t count) {
    return position_before_newest(std::min(count, history_max), first, room.state.seq);
  };
  if (wish.since) {
    if (judge(*wish.since, room.state, first) == Resume::kWhole) return {wish.since->seq, true};
    return {newest(wish.history.value_or(kHistoryAfterLoss)), false};
  }
  // What was said since the register came, perhaps by this viewer itself, follows it. Where the
  // room was not open yet, that is what was said since it was: the snapshot that opened it and
  // the viewer's own message can both be there before the register is looked at again.
  const std::uint64_t position =
      std::min(newest(wish.history.value_or(0)), wish.seq.value_or(room.opened_seq));
  return {std::max(first - 1, position), {}};
}

Entry enter_again(const protocol::Position& position, const Holding& room) {
  if (judge(position, room.state, room.first_seq) == Resume::kWhole) return {position.seq, true};
  return {position_before_newest(kHistoryAfterLoss, room.first_seq, room.state.seq), false};
}

std::uint64_t position_before_newest(std::uint64_t count, std::uint64_t first_seq,
                                     std::uint64_t seq) {
  const std::uint64_t newest = seq > count ? seq - count : 0;
  return std::max(newest, first_seq - 1);
}

}  // namespace spillway::room
