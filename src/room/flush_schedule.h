// When each room of a loop is flushed.
//
// A room that was quiet for longer than its interval goes at once: latency at rest is nothing. A
// room that is not waits out its interval and takes more messages with each write, because a write
// costs the same whatever it carries. Two things make the interval:
//   own     viewers x the measured cost of one write / share: what this room alone may cost. What
//           it did not use lately it may use at once, so that two messages that happen to come
//           together in a quiet room do not wait for each other
//   common  one for all rooms, steered so that all flushing together takes `share` of the time;
//           rooms slower than it never notice, so a huge room cannot hold up the small ones
// Overload therefore shows as latency, not as collapse.
//
// Owned by a loop. Pure: time comes in. Holds one heap entry a room that waits.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <queue>
#include <vector>

#include "base/clock.h"

namespace spillway::room {

class FlushSchedule {
 public:
  struct Options {
    double share = 0.6;                                      // of the loop's time
    Duration interval_max = std::chrono::milliseconds(100);  // beyond it: counted as overrun
    Duration write_cost = std::chrono::microseconds(6);      // the first guess
  };

  // A room's part of the schedule: the base of what a loop knows of a room. It stays where it is
  // while it is queued.
  struct Room {
    TimePoint last{};     // when its last flush began
    TimePoint paid{};     // until then its flushes have used up what it alone may cost
    bool queued = false;  // waits for its turn
  };

  explicit FlushSchedule(const Options& options)
      : options_(options), write_cost_(options.write_cost) {}

  // `room` has something to flush to `viewers`. It comes back from next().
  void request(Room& room, std::size_t viewers, TimePoint now);

  // The room whose turn it is, if any; it waits no longer.
  Room* next(TimePoint now);
  // When the next turn is; nothing if no room waits.
  std::optional<TimePoint> wake() const;

  // Its flush begins, and is charged for.
  void begin(Room& room, std::size_t viewers, TimePoint now);
  // A slice of a flush made `writes` kernel calls in `spent`.
  void spent(std::size_t writes, Duration spent, TimePoint now);

  // What a flush to so many viewers may cost, as time between two of them.
  Duration own_interval(std::size_t viewers) const;
  TimePoint due(const Room& room, std::size_t viewers) const;
  Duration write_cost() const { return write_cost_; }
  std::uint64_t overruns() const { return overruns_; }

 private:
  struct Turn {
    TimePoint due;
    Room* room;
    bool operator>(const Turn& other) const { return due > other.due; }
  };

  void steer(TimePoint now);

  const Options options_;
  Duration write_cost_;
  Duration common_{0};
  TimePoint period_began_{};
  Duration period_spent_{0};
  std::uint64_t overruns_ = 0;
  Duration sample_spent_{0};
  std::size_t sample_writes_ = 0;
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns_;
};

}  // namespace spillway::room
