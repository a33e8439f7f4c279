#include "room/presence.h"

#include <gtest/gtest.h>

namespace spillway::room {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kStart{std::chrono::hours(1)};

TEST(Presence, TellsASmallRoomEveryChange) {
  Presence presence;
  for (std::uint64_t viewers = 1; viewers <= 100; ++viewers) {
    EXPECT_TRUE(presence.update(viewers, kStart));
    EXPECT_FALSE(presence.update(viewers, kStart));
  }
  EXPECT_TRUE(presence.update(99, kStart));
  EXPECT_EQ(presence.viewers(), 99U);
}

TEST(Presence, ThinsByTheSizeOfTheRoom) {
  EXPECT_EQ(Presence::step(100), 1U);
  EXPECT_EQ(Presence::step(101), 10U);
  EXPECT_EQ(Presence::step(1'000), 10U);
  EXPECT_EQ(Presence::step(1'001), 50U);
  EXPECT_EQ(Presence::step(10'000), 50U);
  EXPECT_EQ(Presence::step(10'001), 100U);
  for (const std::uint64_t size : {500U, 5'000U, 50'000U}) {
    Presence presence;
    EXPECT_TRUE(presence.update(size, kStart));
    const std::uint64_t step = Presence::step(size);
    EXPECT_FALSE(presence.update(size + step - 1, kStart));
    EXPECT_FALSE(presence.update(size - step + 1, kStart));
    EXPECT_TRUE(presence.update(size - step, kStart));
    EXPECT_TRUE(presence.update(size, kStart));
    EXPECT_TRUE(presence.update(size + step, kStart));
  }
}

TEST(Presence, TellsASmallChangeWithinFiveSeconds) {
  Presence presence;
  EXPECT_TRUE(presence.update(5'000, kStart));
  EXPECT_FALSE(presence.update(5'001, kStart + milliseconds(4'999)));
  EXPECT_TRUE(presence.behind());
  EXPECT_TRUE(presence.update(presence.viewers(), kStart + seconds(5)));
  EXPECT_FALSE(presence.behind());
}

TEST(Presence, HasNothingToTellWhereTheCountCameBack) {
  Presence presence;
  EXPECT_TRUE(presence.update(500, kStart));
  EXPECT_FALSE(presence.update(501, kStart));
  EXPECT_FALSE(presence.update(500, kStart + seconds(60)));
  EXPECT_FALSE(presence.behind());
}

TEST(Presence, SaysNothingOfAnEmptyRoomThatNeverHadAViewer) {
  Presence presence;
  EXPECT_FALSE(presence.update(0, kStart));
  EXPECT_FALSE(presence.behind());
}

TEST(Presence, TellsOfAFullRoomThatEmptied) {
  Presence presence;
  EXPECT_TRUE(presence.update(50'000, kStart));
  EXPECT_TRUE(presence.update(0, kStart));
}

}  // namespace
}  // namespace spillway::room
