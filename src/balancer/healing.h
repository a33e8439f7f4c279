// Whether and when a server that ended is started again. Pure.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"

namespace spillway::balancer {

// Of one server. Backs off while it dies young, and gives up on one that never lives: restarting
// cannot help against a wrong flag or a port that is not ours.
class Healing {
 public:
  // `lived`: from the moment it listened; zero if it never did. Nothing: give up.
  std::optional<std::chrono::milliseconds> after_exit(Duration lived) {
    if (lived >= kLivedLong) deaths_ = 0;
    if (++deaths_ > kYoungDeathsMax) return std::nullopt;
    return kFirstDelay * (1U << (deaths_ - 1));
  }

 private:
  static constexpr std::chrono::seconds kLivedLong{5};
  static constexpr std::chrono::milliseconds kFirstDelay{250};
  static constexpr unsigned kYoungDeathsMax = 3;

  unsigned deaths_ = 0;  // in a row
};

}  // namespace spillway::balancer
