#include "load/timeline.h"

#include <algorithm>
#include <utility>

namespace spillway::load {
namespace {

TimelinePoint between(const Snapshot& before, const Snapshot& after, TimePoint begin) {
  const Histogram latency = after.latency.since(before.latency);
  const auto grown = [&before, &after](Metric metric) {
    return after.count(metric) - before.count(metric);
  };
  TimelinePoint point;
  point.at = after.at - begin;
  point.lasts = after.at - before.at;
  point.viewers = after.watching;
  point.sent = grown(Metric::kSent);
  point.deliveries = grown(Metric::kDeliveries);
  point.timed = latency.count();
  point.p50 = latency.percentile(0.5);
  point.p90 = latency.percentile(0.9);
  point.p99 = latency.percentile(0.99);
  point.p999 = latency.percentile(0.999);
  point.longest = latency.max();
  point.reconnects = grown(Metric::kReconnects);
  // What comes late after all was lost for a while.
  point.lost = after.lost() - std::min(after.lost(), before.lost());
  point.servers = after.servers;
  return point;
}

TimelinePoint joined(const TimelinePoint& first, TimelinePoint second) {
  second.lasts += first.lasts;
  second.sent += first.sent;
  second.deliveries += first.deliveries;
  second.timed += first.timed;
  second.p50 = std::max(first.p50, second.p50);
  second.p90 = std::max(first.p90, second.p90);
  second.p99 = std::max(first.p99, second.p99);
  second.p999 = std::max(first.p999, second.p999);
  second.longest = std::max(first.longest, second.longest);
  second.reconnects += first.reconnects;
  second.lost += first.lost;
  return second;
}

}  // namespace

void Timeline::add(Snapshot snapshot) {
  if (!std::exchange(begun_, true)) {
    begin_ = snapshot.at;
    last_ = std::move(snapshot);
    return;
  }
  if (++snapshots_ < snapshots_each_) return;
  snapshots_ = 0;
  points_.push_back(between(last_, snapshot, begin_));
  last_ = std::move(snapshot);
  if (points_.size() >= kPointsMax) halve();
}

void Timeline::halve() {
  std::vector<TimelinePoint> half;
  for (std::size_t i = 0; i + 1 < points_.size(); i += 2) {
    half.push_back(joined(points_[i], std::move(points_[i + 1])));
  }
  points_ = std::move(half);
  snapshots_each_ *= 2;
}

}  // namespace spillway::load
