#include "balancer/spread.h"

#include <gtest/gtest.h>

namespace spillway::balancer {
namespace {

using Targets = std::vector<protocol::Redistribute::Target>;

TEST(SpreadOver, SharesByHeadroom) {
  std::vector<Headroom> room{{"ws://b", 0.2}, {"ws://c", 0.6}, {"ws://d", 0.2}};
  const auto order = spread_over(room, "ws://a", 100, 0.001);
  EXPECT_EQ(order.n, 100U);
  EXPECT_EQ(order.targets, (Targets{{"ws://c", 60}, {"ws://b", 20}, {"ws://d", 20}}));
}

TEST(SpreadOver, WhatIsGivenIsTakenOffTheRoom) {
  std::vector<Headroom> room{{"ws://b", 0.5}};
  spread_over(room, "ws://a", 100, 0.003);
  EXPECT_DOUBLE_EQ(room[0].load, 0.2);
  EXPECT_EQ(spread_over(room, "ws://a", 100, 0.003).n, 66U);
  EXPECT_EQ(spread_over(room, "ws://a", 100, 0.003).n, 0U);
  EXPECT_GE(room[0].load, 0);
}

TEST(SpreadOver, NeverBeyondTheRoomOfAny) {
  for (std::uint32_t wanted = 1; wanted < 500; wanted += 7) {
    std::vector<Headroom> room{{"ws://b", 0.31}, {"ws://c", 0.12}, {"ws://d", 0.004}};
    const auto order = spread_over(room, "ws://a", wanted, 0.005);
    std::uint32_t sum = 0;
    for (const auto& target : order.targets) sum += target.n;
    EXPECT_EQ(sum, order.n);
    EXPECT_LE(order.n, std::min(wanted, 62U + 24U));
    for (const Headroom& left : room) EXPECT_GE(left.load, 0) << left.url;
  }
}

TEST(SpreadOver, NeverToItself) {
  std::vector<Headroom> room{{"ws://a", 0.7}, {"ws://b", 0.1}};
  EXPECT_EQ(spread_over(room, "ws://a", 10, 0.001).targets, (Targets{{"ws://b", 10}}));
  std::vector<Headroom> alone{{"ws://a", 0.7}};
  EXPECT_EQ(spread_over(alone, "ws://a", 10, 0.001).n, 0U);
}

TEST(SpreadOver, RoundingGoesToThoseWithMostRoom) {
  std::vector<Headroom> room{{"ws://b", 0.3}, {"ws://c", 0.5}, {"ws://d", 0.4}};
  EXPECT_EQ(spread_over(room, "ws://a", 1, 0.001).targets, (Targets{{"ws://c", 1}}));
}

TEST(SpreadOver, ViewersThatCostNothingAllFit) {
  std::vector<Headroom> room{{"ws://b", 0.1}};
  EXPECT_EQ(spread_over(room, "ws://a", 1000, 0).n, 1000U);
}

TEST(SpreadOver, NothingWithoutRoomOrWish) {
  std::vector<Headroom> none;
  EXPECT_TRUE(spread_over(none, "ws://a", 10, 0.001).targets.empty());
  std::vector<Headroom> room{{"ws://b", 0.1}};
  EXPECT_TRUE(spread_over(room, "ws://a", 0, 0.001).targets.empty());
  EXPECT_TRUE(spread_over(room, "ws://a", 10, 0.2).targets.empty());  // not even one fits
}

TEST(SpreadOver, AnOrderHasABoundedNumberOfTargets) {
  std::vector<Headroom> room;
  for (int i = 0; i < 1500; ++i) room.push_back({"ws://" + std::to_string(i), 0.5});
  const auto order = spread_over(room, "ws://a", 100'000, 0.00001);
  EXPECT_EQ(order.targets.size(), protocol::kControlTargetsMax);
}

}  // namespace
}  // namespace spillway::balancer
