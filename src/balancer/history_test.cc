#include "balancer/history.h"

#include <gtest/gtest.h>

namespace spillway::balancer {
namespace {

using Numbers = History<int>;

TEST(History, IsPaddedWithZeroBeforeTheFirst) {
  Numbers history;
  EXPECT_EQ(history.latest(), 0);
  history.push(7);
  EXPECT_EQ(history.latest(), 7);
  EXPECT_EQ(history[99], 7);
  for (std::size_t i = 0; i < 99; ++i) EXPECT_EQ(history[i], 0) << i;
}

TEST(History, KeepsTheLastHundredOldestFirst) {
  for (const int count : {99, 100, 101, 250, 300}) {
    Numbers history;
    for (int i = 1; i <= count; ++i) history.push(i);
    EXPECT_EQ(history.latest(), count);
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(history[static_cast<std::size_t>(i)], std::max(0, count - 99 + i)) << count;
    }
  }
}

}  // namespace
}  // namespace spillway::balancer
