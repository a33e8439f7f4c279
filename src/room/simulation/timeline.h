// The virtual clock of a simulation: what is to happen when, in one order that follows from a seed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"

namespace spillway::room::simulation {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class Timeline {
 public:
  explicit Timeline(std::uint64_t seed, bool tracing) : random_(seed), tracing_(tracing) {}

  TimePoint now() const { return now_; }
  WallTime wall() const { return {kWallStart.ms + (now_ - kStart) / milliseconds(1)}; }

  void at(TimePoint when, std::function<void()> what) {
    std::size_t slot = whats_.size();
    if (free_.empty()) {
      whats_.push_back(std::move(what));
    } else {
      slot = free_.back();
      free_.pop_back();
      whats_[slot] = std::move(what);
    }
    events_.push_back({std::max(when, now_), ++events_ever_, slot});
    std::push_heap(events_.begin(), events_.end(), later_first);
  }
  void in(Duration delay, std::function<void()> what) { at(now_ + delay, std::move(what)); }

  void run(Duration time) {
    const TimePoint end = now_ + time;
    while (!events_.empty() && events_.front().when <= end) {
      std::pop_heap(events_.begin(), events_.end(), later_first);
      const Event event = events_.back();
      events_.pop_back();
      now_ = event.when;
      const std::function<void()> what = std::move(whats_[event.slot]);
      free_.push_back(event.slot);
      what();
    }
    now_ = end;
  }

  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  bool one_in(std::uint64_t n) { return random_.below(n) == 0; }
  Duration between(Duration min, Duration max) {
    return min + Duration(random_.below(static_cast<std::uint64_t>((max - min).count()) + 1));
  }

  // `tell` returns a line; it is only asked when a failed seed is played again.
  template <typename Tell>
  void trace(Tell&& tell) {
    if (!tracing_) return;
    trace_ += std::to_string((now_ - kStart) / microseconds(1)) + " us  " + tell() + '\n';
  }
  const std::string& trace_text() const { return trace_; }

 private:
  static constexpr TimePoint kStart{std::chrono::hours(1)};
  static constexpr WallTime kWallStart{1'795'000'000'000};

  struct Event {
    TimePoint when;
    std::uint64_t number = 0;  // of two at the same time the older one is first
    std::size_t slot = 0;      // in whats_
  };
  static bool later_first(const Event& a, const Event& b) {
    return std::pair(a.when, a.number) > std::pair(b.when, b.number);
  }

  TimePoint now_ = kStart;
  Random random_;
  std::vector<Event> events_;  // a heap
  std::vector<std::function<void()>> whats_;
  std::vector<std::size_t> free_;  // places in whats_
  std::uint64_t events_ever_ = 0;
  const bool tracing_;
  std::string trace_;
};

}  // namespace spillway::room::simulation
