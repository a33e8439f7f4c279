#include "load/timeline.h"

#include <gtest/gtest.h>

namespace spillway::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimePoint kBegin{seconds(50)};

// After so many seconds, each with 10 messages sent and 100 deliveries that took as many ms as the
// number of the second.
Snapshot after(int count) {
  Snapshot snapshot;
  snapshot.at = kBegin + seconds(count);
  snapshot.counts[static_cast<std::size_t>(Metric::kSent)] = 10U * static_cast<unsigned>(count);
  snapshot.counts[static_cast<std::size_t>(Metric::kDeliveries)] =
      100U * static_cast<unsigned>(count);
  for (int second = 1; second <= count; ++second)
    snapshot.latency.record(milliseconds(second), 100);
  snapshot.watching = 7;
  return snapshot;
}

TEST(Timeline, HoldsWhatCameToBeInEachSecond) {
  Timeline timeline;
  for (int second = 0; second <= 3; ++second) timeline.add(after(second));
  ASSERT_EQ(timeline.points().size(), 3U);
  const TimelinePoint& last = timeline.points().back();
  EXPECT_EQ(last.at, seconds(3));
  EXPECT_EQ(last.lasts, seconds(1));
  EXPECT_EQ(last.viewers, 7U);
  EXPECT_EQ(last.sent, 10U);
  EXPECT_EQ(last.deliveries, 100U);
  EXPECT_EQ(last.timed, 100U);
  EXPECT_NEAR(to_ms(last.p50), 3, 0.03);
  EXPECT_NEAR(to_ms(last.longest), 3, 0.03);
}

TEST(Timeline, StaysSmallHoweverLongItTakes) {
  Timeline timeline;
  constexpr int kSeconds = 10'000;
  for (int second = 0; second <= kSeconds; ++second) {
    Snapshot snapshot;
    snapshot.at = kBegin + seconds(second);
    snapshot.counts[static_cast<std::size_t>(Metric::kSent)] = static_cast<unsigned>(second);
    timeline.add(std::move(snapshot));
  }
  EXPECT_LT(timeline.points().size(), Timeline::kPointsMax);
  EXPECT_GE(timeline.points().size(), Timeline::kPointsMax / 2);
  std::uint64_t sent = 0;
  Duration time{};
  for (const TimelinePoint& point : timeline.points()) {
    sent += point.sent;
    time += point.lasts;
  }
  EXPECT_EQ(time, timeline.points().back().at) << "without a hole";
  EXPECT_EQ(sent, static_cast<std::uint64_t>(time / seconds(1)));
}

}  // namespace
}  // namespace spillway::load
