#include "load/scenario.h"

#include <gtest/gtest.h>

namespace spillway::load {
namespace {

using std::chrono::seconds;

// Factor that holds at a moment.
double factor_at(const std::vector<PaceChange>& changes, Duration at) {
  double factor = 1;
  for (const PaceChange& change : changes) {
    if (change.at <= at) factor = change.factor;
  }
  return factor;
}

TEST(PaceChanges, BeginAndEndABurst) {
  const auto changes = pace_changes({{seconds(30), seconds(10), 20}});
  EXPECT_EQ(factor_at(changes, seconds(29)), 1);
  EXPECT_EQ(factor_at(changes, seconds(30)), 20);
  EXPECT_EQ(factor_at(changes, seconds(39)), 20);
  EXPECT_EQ(factor_at(changes, seconds(40)), 1);
}

TEST(PaceChanges, MultiplyWhereBurstsOverlap) {
  const auto changes = pace_changes({{seconds(10), seconds(20), 2}, {seconds(20), seconds(20), 5}});
  EXPECT_EQ(factor_at(changes, seconds(15)), 2);
  EXPECT_EQ(factor_at(changes, seconds(25)), 10);
  EXPECT_EQ(factor_at(changes, seconds(35)), 5);
  EXPECT_EQ(factor_at(changes, seconds(45)), 1);
}

TEST(PaceChanges, AreInOrderOfTime) {
  const auto changes = pace_changes({{seconds(50), seconds(5), 2}, {seconds(1), seconds(100), 3}});
  for (std::size_t i = 1; i < changes.size(); ++i) EXPECT_LE(changes[i - 1].at, changes[i].at);
}

}  // namespace
}  // namespace spillway::load
