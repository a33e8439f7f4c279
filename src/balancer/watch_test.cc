#include <gtest/gtest.h>

#include "balancer/registry.h"

namespace spillway::balancer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kNow = TimePoint{} + std::chrono::hours(1);

TEST(Watch, IsSteadyOnlyAfterTheWholeSpanOfReadings) {
  Watch watch;
  EXPECT_FALSE(watch.steady(kNow, seconds(5)));
  for (int i = 0; i < 5; ++i) watch.reading(kNow + seconds(i));
  EXPECT_FALSE(watch.steady(kNow + seconds(4), seconds(5)));
  watch.reading(kNow + seconds(5));
  EXPECT_TRUE(watch.steady(kNow + seconds(5), seconds(5)));
}

TEST(Watch, ABreakBeginsTheSpanAnew) {
  Watch watch;
  for (int i = 0; i < 10; ++i) watch.reading(kNow + seconds(i));
  EXPECT_FALSE(watch.steady(kNow + seconds(13), seconds(5)));  // nothing heard for four seconds
  watch.reading(kNow + seconds(13));
  EXPECT_FALSE(watch.steady(kNow + seconds(13), seconds(5)));
  for (int i = 14; i < 19; ++i) watch.reading(kNow + seconds(i));
  EXPECT_TRUE(watch.steady(kNow + seconds(18), seconds(5)));
}

TEST(Watch, IsSettledAtOnceAtFirstAndFiveSecondsAfterABreak) {
  Watch watch;
  watch.reading(kNow);
  watch.reading(kNow + milliseconds(2500));  // one reading may be late
  EXPECT_TRUE(watch.settled(kNow + milliseconds(2500)));
  watch.reading(kNow + milliseconds(5001));
  EXPECT_FALSE(watch.settled(kNow + milliseconds(5001)));
  for (int i = 6; i < 10; ++i) watch.reading(kNow + seconds(i));
  EXPECT_FALSE(watch.settled(kNow + seconds(9)));
  watch.reading(kNow + milliseconds(10001));
  EXPECT_TRUE(watch.settled(kNow + milliseconds(10001)));
}

TEST(Watch, ALostConnectionIsABreakHoweverShort) {
  Watch watch;
  for (int i = 0; i < 10; ++i) watch.reading(kNow + seconds(i));
  watch.interrupted();
  watch.reading(kNow + seconds(10));
  EXPECT_FALSE(watch.steady(kNow + seconds(10), seconds(5)));
  EXPECT_FALSE(watch.settled(kNow + seconds(10)));
}

}  // namespace
}  // namespace spillway::balancer
