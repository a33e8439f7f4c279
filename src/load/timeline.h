// How a run went, second by second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "load/snapshot.h"

namespace spillway::load {

struct TimelinePoint {
  Duration at{};  // its end, since the measured time began
  Duration lasts{};
  std::uint64_t viewers = 0;  // at the end
  std::uint64_t sent = 0;     // in it, as everything below
  std::uint64_t deliveries = 0;
  std::uint64_t timed = 0;  // of them, with a latency
  Duration p50{};
  Duration p90{};
  Duration p99{};
  Duration p999{};
  Duration longest{};
  std::uint64_t reconnects = 0;
  std::uint64_t lost = 0;                        // in it
  std::map<std::string, std::uint64_t> servers;  // viewers at the end
};

// Owned by the coordinator. At most kPointsMax points: from there on each two become one, whose
// percentiles are the worse ones of both.
class Timeline {
 public:
  static constexpr std::size_t kPointsMax = 1800;

  // What came to be since the last snapshot; the first is the beginning.
  void add(Snapshot snapshot);
  const std::vector<TimelinePoint>& points() const { return points_; }

 private:
  void halve();

  TimePoint begin_{};
  Snapshot last_;
  bool begun_ = false;
  std::size_t snapshots_each_ = 1;  // in a point
  std::size_t snapshots_ = 0;       // in the one that is open
  std::vector<TimelinePoint> points_;
};

}  // namespace spillway::load
