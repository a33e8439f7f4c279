// The end of a server: drain, last publishes, Redis left clean. A machine without clock or I/O of
// its own; the composition root feeds it.
//
// Owned by the server, on loop 0.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace spillway::server {

class Lifecycle {
 public:
  enum class Phase {
    kRunning,
    kDraining,  // viewers are told, and closed at the end
    kClosing,   // 1001 for who is left; the last publishes
    kLeaving,   // Redis is being told
    kOver,
  };
  // What to do now; each is said once.
  enum class Step { kNothing, kDrain, kCloseAll, kLeave, kExit };

  // What the machine asks to know at each step.
  struct Facts {
    bool all_gone = false;          // no connection on any loop
    std::uint64_t unpublished = 0;  // accepted messages without an answer from Redis
    bool left = false;              // Redis has confirmed that this server is out of it
    bool asking = false;            // it was asked to confirm that, and may yet answer
  };

  static constexpr std::chrono::seconds kSignalLimit{25};
  // Within these parts of the limit the viewers are told, and are closed.
  static constexpr double kTellShare = 0.4;
  static constexpr double kCloseShare = 0.8;

  // A drain order, or the first signal.
  Step drain(Duration limit, TimePoint now) {
    if (phase_ != Phase::kRunning) return Step::kNothing;
    phase_ = Phase::kDraining;
    limit_ = limit;
    deadline_ = now + limit;
    return Step::kDrain;
  }

  // A second signal: out, but not without the close frames and a word to Redis.
  Step hurry(TimePoint now) {
    if (phase_ == Phase::kDraining) return close_all(now + kHurryLimit);
    if (phase_ == Phase::kRunning) return Step::kNothing;
    deadline_ = std::min(deadline_, now + kHurryLimit);
    return Step::kNothing;
  }

  // Often.
  Step tick(const Facts& facts, TimePoint now) {
    switch (phase_) {
      case Phase::kRunning:
      case Phase::kOver:
        return Step::kNothing;
      case Phase::kDraining:
        // Who is still here after 4001 has not answered its close frame either.
        if (facts.all_gone || now >= deadline_ - scaled(kLastWordsShare)) {
          return close_all(std::max(deadline_, now + kLastWordsMin));
        }
        return Step::kNothing;
      case Phase::kClosing:
        if ((facts.all_gone && facts.unpublished == 0) || now >= deadline_) {
          phase_ = Phase::kLeaving;
          give_up_ = now + kLeaveLimit;
          deadline_ = std::max(deadline_, give_up_);
          return Step::kLeave;
        }
        return Step::kNothing;
      case Phase::kLeaving:
        // A Redis that is slow may take what the drain has left; one that is away, a second.
        if (facts.asking) give_up_ = now + kLeaveLimit;
        if (!facts.left && now < std::min(deadline_, give_up_)) return Step::kNothing;
        phase_ = Phase::kOver;
        return Step::kExit;
    }
    return Step::kNothing;
  }

  Phase phase() const { return phase_; }
  Duration tell_within() const { return scaled(kTellShare); }
  Duration close_after() const { return scaled(kCloseShare); }

 private:
  static constexpr std::chrono::seconds kHurryLimit{1};
  static constexpr double kLastWordsShare = 0.1;
  static constexpr std::chrono::seconds kLastWordsMin{1};
  static constexpr std::chrono::seconds kLeaveLimit{1};

  Step close_all(TimePoint deadline) {
    phase_ = Phase::kClosing;
    deadline_ = deadline;
    return Step::kCloseAll;
  }
  Duration scaled(double share) const {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(limit_) * share);
  }

  Phase phase_ = Phase::kRunning;
  Duration limit_{0};
  TimePoint deadline_{};
  TimePoint give_up_{};  // on Redis, unless it is asked again
};

}  // namespace spillway::server
