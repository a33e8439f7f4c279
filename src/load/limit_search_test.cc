#include "load/limit_search.h"

#include <gtest/gtest.h>

namespace spillway::load {
namespace {

using std::chrono::milliseconds;

// A server that keeps p99 at 10 ms up to a pace, and then not.
LimitSearch search_for(double pace_max) {
  LimitSearch search(milliseconds(100));
  while (!search.done()) {
    LimitStep step;
    step.pace = search.pace();
    step.timed = 1;
    step.messages_per_s = 100 * search.pace();
    step.p99 = search.pace() <= pace_max ? milliseconds(10) : milliseconds(500);
    search.tried(step);
  }
  return search;
}

TEST(LimitSearch, ComesWithinFivePercent) {
  for (const double limit : {0.013, 0.4, 1.0, 1.4, 7.0, 123.0, 999.0}) {
    const LimitSearch search = search_for(limit);
    ASSERT_NE(search.best(), nullptr) << limit;
    EXPECT_LE(search.best()->pace, limit);
    EXPECT_GE(search.best()->pace, limit / 1.05);
    EXPECT_LE(search.steps().size(), 40U);
  }
}

TEST(LimitSearch, SaysWhenNothingHolds) {
  const LimitSearch search = search_for(0);
  EXPECT_EQ(search.best(), nullptr);
  EXPECT_TRUE(search.done());
}

TEST(LimitSearch, TakesALossARefusalAFullLoadAndSilenceForBroken) {
  LimitSearch search(milliseconds(100));
  LimitStep good;
  good.timed = 1;
  LimitStep lossy = good;
  lossy.lost = 1;
  search.tried(lossy);
  EXPECT_FALSE(search.steps().back().held);
  LimitStep refused = good;
  refused.refused = 1;
  search.tried(refused);
  EXPECT_FALSE(search.steps().back().held) << "what is refused is not carried";
  LimitStep full = good;
  full.load_saturated = true;
  search.tried(full);
  EXPECT_FALSE(search.steps().back().held);
  search.tried(LimitStep{});
  EXPECT_FALSE(search.steps().back().held) << "nothing was said";
  search.tried(good);
  EXPECT_TRUE(search.steps().back().held);
}

}  // namespace
}  // namespace spillway::load
