// When a room is told how many viewers it has: thinned by its size, so that a full room's comings
// and goings cost little, with a trailing update so that the number is never wrong for long.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace spillway::room {

class Presence {
 public:
  static constexpr std::chrono::seconds kTrailing{5};

  // The room's viewers on all servers, as last heard. True: tell the room now.
  bool update(std::uint64_t viewers, TimePoint now) {
    viewers_ = viewers;
    if (viewers_ == told_) return false;
    const std::uint64_t change = viewers_ > told_ ? viewers_ - told_ : told_ - viewers_;
    if (change < step(viewers_) && now - told_at_ < kTrailing) return false;
    told_ = viewers_;
    told_at_ = now;
    return true;
  }

  std::uint64_t viewers() const { return viewers_; }
  bool behind() const { return viewers_ != told_; }
  // Every change up to 100 viewers, above that every 10th, 50th and 100th.
  static constexpr std::uint64_t step(std::uint64_t viewers) {
    if (viewers <= 100) return 1;
    if (viewers <= 1'000) return 10;
    if (viewers <= 10'000) return 50;
    return 100;
  }

 private:
  std::uint64_t viewers_ = 0;
  std::uint64_t told_ = 0;
  TimePoint told_at_{};
};

}  // namespace spillway::room
