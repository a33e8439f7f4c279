#include "load/talk_schedule.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace spillway::load {
namespace {

using std::chrono::seconds;

constexpr std::uint32_t kViewers = 2000;
constexpr std::uint64_t kSeed = 7;

struct Said {
  Duration due;
  std::uint32_t viewer;
  friend bool operator==(const Said&, const Said&) = default;
};

std::vector<Said> until(TalkSchedule& schedule, Duration end) {
  std::vector<Said> said;
  while (schedule.next_due() < end) {
    const Duration due = schedule.next_due();
    said.push_back({due, schedule.take()});
  }
  return said;
}

TalkSchedule full_schedule(const TalkInterval& interval, std::uint64_t seed = kSeed) {
  TalkSchedule schedule(interval, seed);
  for (std::uint32_t viewer = 0; viewer < kViewers; ++viewer)
    schedule.add(viewer, Duration::zero());
  return schedule;
}

TEST(TalkSchedule, KeepsEveryIntervalOfEveryViewer) {
  TalkSchedule schedule = full_schedule({seconds(5), seconds(25)});
  std::map<std::uint32_t, Duration> last;
  for (const auto& [due, viewer] : until(schedule, seconds(200))) {
    if (last.contains(viewer)) {
      EXPECT_GE(due - last[viewer], seconds(5));
      EXPECT_LE(due - last[viewer], seconds(25));
    } else {
      EXPECT_LE(due, seconds(25)) << "the first is within one interval";
    }
    last[viewer] = due;
  }
  EXPECT_EQ(last.size(), kViewers);
}

// An open loop from the first second on: no ramp, no wave.
TEST(TalkSchedule, HasTheMeanRateInEverySecond) {
  TalkSchedule schedule = full_schedule({seconds(10), seconds(10)});
  std::vector<double> per_second(50);
  for (const Said& one : until(schedule, seconds(50))) {
    per_second[static_cast<std::size_t>(one.due / seconds(1))] += 1;
  }
  for (const double rate : per_second) EXPECT_NEAR(rate, kViewers / 10.0, 60);
}

TEST(TalkSchedule, FollowsFromTheSeedAlone) {
  TalkSchedule one = full_schedule({seconds(5), seconds(25)});
  TalkSchedule same({seconds(5), seconds(25)}, kSeed);
  for (std::uint32_t viewer = kViewers; viewer-- > 0;) same.add(viewer, Duration::zero());
  TalkSchedule other = full_schedule({seconds(5), seconds(25)}, kSeed + 1);
  const auto said = until(one, seconds(60));
  EXPECT_EQ(said, until(same, seconds(60)));
  EXPECT_NE(said, until(other, seconds(60)));
}

}  // namespace
}  // namespace spillway::load
