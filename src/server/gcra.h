// A rate limit in one word: the time at which everything taken so far would have been due, had it
// come evenly (the generic cell rate algorithm of ATM). Twenty in 30 s may come at once; then one
// every 1.5 s.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"
#include "base/units.h"

namespace spillway::server {

class Gcra {
 public:
  // What a loop knows of a limit; each viewer has only its own Gcra.
  struct Limit {
    Duration interval{0};  // between two, were they even; 0: no limit
    Duration burst{0};     // the whole window
    static Limit of(const Rate& rate) {
      if (!rate.limited()) return {};
      return {Duration(rate.window) / rate.count, rate.window};
    }
  };

  // Takes `amount`. Zero: within the limit. Else nothing is taken, and it is how long to wait.
  Duration take(const Limit& limit, TimePoint now, std::uint64_t amount = 1) {
    if (limit.interval == Duration{0}) return Duration{0};
    const TimePoint next =
        std::max(due_, now) + limit.interval * static_cast<Duration::rep>(amount);
    if (next > now + limit.burst) return next - (now + limit.burst);
    due_ = next;
    return Duration{0};
  }

 private:
  TimePoint due_{};
};

}  // namespace spillway::server
