#include "balancer/room_groups.h"

#include <gtest/gtest.h>

#include <cmath>

namespace spillway::balancer {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

Audience audience(std::uint64_t users, std::uint64_t rooms, double exponent = 0) {
  return {users, rooms, seconds(30), Distribution{exponent}};
}

struct Sums {
  double users = 0;
  std::uint64_t rooms = 0;
  double squares = 0;
};

Sums sums_of(const std::vector<RoomGroup>& groups) {
  Sums sums;
  for (const RoomGroup& group : groups) {
    EXPECT_GE(group.viewers, 0);
    EXPECT_EQ(group.viewers, std::floor(group.viewers)) << "viewers are whole";
    const auto rooms = static_cast<double>(group.rooms);
    sums.users += rooms * group.viewers;
    sums.rooms += group.rooms;
    sums.squares += rooms * group.viewers * group.viewers;
  }
  return sums;
}

TEST(RoomGroups, EqualRoomsAreOneGroup) {
  const auto groups = room_groups(audience(100, 5));
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].viewers, 20);
  EXPECT_EQ(groups[0].rooms, 5U);
  EXPECT_DOUBLE_EQ(groups[0].messages_per_s, 20.0 / 30);
}

TEST(RoomGroups, WhatDoesNotComeOutEvenGoesToSomeOfThem) {
  const auto groups = room_groups(audience(17, 5));
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].viewers, 4);
  EXPECT_EQ(groups[0].rooms, 2U);
  EXPECT_EQ(groups[1].viewers, 3);
  EXPECT_EQ(groups[1].rooms, 3U);
}

TEST(RoomGroups, RoomsMayBeEmpty) {
  const Sums sums = sums_of(room_groups(audience(3, 1000)));
  EXPECT_EQ(sums.users, 3);
  EXPECT_EQ(sums.rooms, 1000U);
  EXPECT_EQ(sums.squares, 3);
}

// 1 + 1/2 + 1/3 is 11/6, so of 60 users 32.73, 16.36 and 10.91 are in the three rooms.
TEST(RoomGroups, FollowZipf) {
  const auto groups = room_groups(audience(60, 3, 1));
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].viewers, 33);
  EXPECT_EQ(groups[1].viewers, 16);
  EXPECT_EQ(groups[2].viewers, 11);
}

TEST(RoomGroups, AddUpWhateverTheBounds) {
  for (const std::uint64_t users : {1U, 2U, 99U, 12'345U, 1'000'000'000U}) {
    for (const std::uint64_t rooms : {1U, 2U, 7U, 199U, 200U, 201U, 5'000U, 1'000'000U}) {
      for (const double exponent : {0.0, 0.01, 0.5, 1.0, 1.1, 2.0, 10.0}) {
        const auto groups = room_groups(audience(users, rooms, exponent));
        const Sums sums = sums_of(groups);
        EXPECT_EQ(sums.users, static_cast<double>(users)) << rooms << " rooms, " << exponent;
        EXPECT_EQ(sums.rooms, rooms) << users << " users, " << exponent;
        EXPECT_LE(groups.size(), 2'500U);
      }
    }
  }
}

// The neighbours that stand for each other must not show: room by room it is the same.
TEST(RoomGroups, AreLikeRoomsOneByOne) {
  for (const double exponent : {0.0, 0.5, 1.0, 1.1, 2.0}) {
    double squares = 0;
    for (const std::uint64_t size : room_sizes(1'000'000, 20'000, Distribution{exponent})) {
      squares += static_cast<double>(size) * static_cast<double>(size);
    }
    const Sums sums = sums_of(room_groups(audience(1'000'000, 20'000, exponent)));
    EXPECT_NEAR(sums.squares / squares, 1, 0.001) << exponent;
  }
}

TEST(RoomGroups, EverybodySpeaksEveryInterval) {
  for (const auto interval :
       {std::chrono::microseconds(milliseconds(1)), std::chrono::microseconds(hours(24 * 30))}) {
    double messages_per_s = 0;
    for (const RoomGroup& group : room_groups({1000, 7, interval, Distribution{1.1}})) {
      messages_per_s += static_cast<double>(group.rooms) * group.messages_per_s;
    }
    const double interval_s = std::chrono::duration<double>(interval).count();
    EXPECT_NEAR(messages_per_s * interval_s, 1000, 1e-6);
  }
}

}  // namespace
}  // namespace spillway::balancer
