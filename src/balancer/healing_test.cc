#include "balancer/healing.h"

#include <gtest/gtest.h>

namespace spillway::balancer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Healing, BacksOffAndThenGivesUpOnAServerThatNeverLives) {
  Healing healing;
  EXPECT_EQ(healing.after_exit(seconds(0)), milliseconds(250));
  EXPECT_EQ(healing.after_exit(seconds(1)), milliseconds(500));
  EXPECT_EQ(healing.after_exit(seconds(0)), milliseconds(1000));
  EXPECT_EQ(healing.after_exit(seconds(0)), std::nullopt);
}

TEST(Healing, ALongLifeForgivesEarlierDeaths) {
  Healing healing;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(healing.after_exit(seconds(5)), milliseconds(250));
  EXPECT_EQ(healing.after_exit(seconds(4)), milliseconds(500));
}

}  // namespace
}  // namespace spillway::balancer
