// Who speaks when: an open loop. Each viewer's next message is due an interval after its last one
// was due, whatever became of that; the first at a random part of an interval. A server that
// stalls must not slow down the clock it is measured by.
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "base/clock.h"

namespace spillway::load {

struct TalkInterval {
  Duration min = std::chrono::seconds(5);
  Duration max = std::chrono::seconds(25);

  Duration mean() const { return (min + max) / 2; }
};

// Owned by an engine, its thread. Times are talk time (pace.h). What is due follows from the seed
// alone, not from who asked first.
class TalkSchedule {
 public:
  TalkSchedule(const TalkInterval& interval, std::uint64_t seed)
      : interval_(interval), seed_(seed) {}

  // A viewer begins to talk. At most once each.
  void add(std::uint32_t viewer, Duration now);

  bool empty() const { return queue_.empty(); }
  Duration next_due() const { return queue_.top().due; }

  // Whose turn it is at next_due(), and puts it down for its next one. REQUIRES !empty().
  std::uint32_t take();

 private:
  struct Turn {
    Duration due;
    std::uint32_t viewer;
    std::uint32_t number;  // of its messages
    bool operator>(const Turn& other) const { return due > other.due; }
  };

  // In [0, 1): the same for the same viewer and number.
  double random(std::uint32_t viewer, std::uint64_t number) const;
  Duration interval(std::uint32_t viewer, std::uint32_t number) const;

  const TalkInterval interval_;
  const std::uint64_t seed_;
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> queue_;
};

}  // namespace spillway::load
