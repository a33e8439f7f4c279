#include "room/flush_schedule.h"

#include <algorithm>

namespace spillway::room {
namespace {

// The common interval is steered once an interval, since a change shows only when every room has
// had its turn (more often, and it swings), but not more often than this; and by how much at most.
constexpr std::chrono::milliseconds kPeriodMin{20};
constexpr double kShrinkMax = 0.5;  // growth is at most 1 / share: from 1 ms to 100 ms in 0.3 s
constexpr std::chrono::milliseconds kCommonMin{1};
constexpr std::chrono::seconds kCommonMax{5};
// The weight of a new sample in the running cost of a write. A sample is many writes, of one room
// or of several.
constexpr double kCostWeight = 0.1;
constexpr std::size_t kSampleWrites = 64;

// How much of what a room did not use it may use at once.
constexpr int kCreditFlushes = 2;
constexpr std::chrono::milliseconds kCreditMax{20};

Duration scale(Duration d, double factor) {
  return Duration(static_cast<Duration::rep>(static_cast<double>(d.count()) * factor));
}

}  // namespace

void FlushSchedule::request(Room& room, std::size_t viewers, TimePoint now) {
  if (room.queued) return;
  room.queued = true;
  const TimePoint when = due(room, viewers);
  if (when > now && when - room.last > options_.interval_max) ++overruns_;
  turns_.push({std::max(now, when), &room});
}

FlushSchedule::Room* FlushSchedule::next(TimePoint now) {
  steer(now);
  if (turns_.empty() || turns_.top().due > now) return nullptr;
  Room* const room = turns_.top().room;
  turns_.pop();
  room->queued = false;
  return room;
}

std::optional<TimePoint> FlushSchedule::wake() const {
  if (turns_.empty()) return std::nullopt;
  return turns_.top().due;
}

void FlushSchedule::begin(Room& room, std::size_t viewers, TimePoint now) {
  room.last = now;
  room.paid = std::max(room.paid, now) + own_interval(viewers);
}

void FlushSchedule::spent(std::size_t writes, Duration spent, TimePoint now) {
  period_spent_ += spent;
  sample_spent_ += spent;
  sample_writes_ += writes;
  if (sample_writes_ >= kSampleWrites) {
    const Duration sample = sample_spent_ / static_cast<Duration::rep>(sample_writes_);
    write_cost_ = scale(write_cost_, 1 - kCostWeight) + scale(sample, kCostWeight);
    sample_spent_ = Duration{0};
    sample_writes_ = 0;
  }
  steer(now);
}

Duration FlushSchedule::own_interval(std::size_t viewers) const {
  return scale(write_cost_ * static_cast<Duration::rep>(viewers), 1.0 / options_.share);
}

TimePoint FlushSchedule::due(const Room& room, std::size_t viewers) const {
  const Duration credit = std::min<Duration>(own_interval(viewers) * kCreditFlushes, kCreditMax);
  return std::max(room.paid - credit, room.last + common_);
}

// Multiplies the common interval by how far the last period was off, so that it settles where
// flushing takes its share of the time.
void FlushSchedule::steer(TimePoint now) {
  const Duration period = now - period_began_;
  if (period < std::max<Duration>(kPeriodMin, common_)) return;
  const double used = to_ms(period_spent_) / to_ms(period);
  const double factor = std::max(used / options_.share, kShrinkMax);
  if (factor > 1) {
    common_ = std::min<Duration>(std::max<Duration>(common_, kCommonMin), kCommonMax);
    common_ = scale(common_, factor);
  } else {
    common_ = scale(common_, factor);
    if (common_ < kCommonMin) common_ = Duration{0};
  }
  period_began_ = now;
  period_spent_ = Duration{0};
}

}  // namespace spillway::room
