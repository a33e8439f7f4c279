#include "room/resume.h"

#include <gtest/gtest.h>

namespace spillway::room {
namespace {

// Epoch B has continued A from 50 on; 100 is its newest message.
const EpochState kState{"B", 100, "A", 50};

TEST(Judge, FindsWholeWhatIsStillHeld) {
  EXPECT_EQ(judge({"B", 100}, kState, 40), Resume::kWhole);  // nothing is missing
  EXPECT_EQ(judge({"B", 70}, kState, 40), Resume::kWhole);
  EXPECT_EQ(judge({"B", 39}, kState, 40), Resume::kWhole);  // 40 is the next one
}

TEST(Judge, FindsGoneWhatIsOlderThanTheOldestHeld) {
  EXPECT_EQ(judge({"B", 38}, kState, 40), Resume::kGone);
  EXPECT_EQ(judge({"B", 0}, kState, 2), Resume::kGone);
  EXPECT_EQ(judge({"B", 0}, kState, 1), Resume::kWhole);
}

TEST(Judge, NeedsNothingHeldWhereNothingIsMissing) {
  EXPECT_EQ(judge({"B", 100}, kState, 101), Resume::kWhole);
  EXPECT_EQ(judge({"B", 99}, kState, 101), Resume::kGone);
}

TEST(Judge, FindsAheadWhatIsNewerThanAllKnownHere) {
  EXPECT_EQ(judge({"B", 101}, kState, 40), Resume::kAhead);
  EXPECT_EQ(judge({"B", protocol::kSeqMax}, kState, 101), Resume::kAhead);
}

TEST(Judge, ContinuesTheEpochBeforeUpToItsLastSharedMessage) {
  EXPECT_EQ(judge({"A", 50}, kState, 40), Resume::kWhole);
  EXPECT_EQ(judge({"A", 39}, kState, 40), Resume::kWhole);
  EXPECT_EQ(judge({"A", 38}, kState, 40), Resume::kGone);
  EXPECT_EQ(judge({"A", 50}, kState, 60), Resume::kGone);  // 51 to 59 are no longer held
  EXPECT_EQ(judge({"A", 51}, kState, 40), Resume::kGone);  // another 51 than this one
  EXPECT_EQ(judge({"A", 1000}, kState, 40), Resume::kGone);
}

TEST(Judge, KnowsNothingOfOtherEpochs) {
  EXPECT_EQ(judge({"C", 70}, kState, 40), Resume::kGone);
  EXPECT_EQ(judge({"", 70}, kState, 40), Resume::kGone);
  EXPECT_EQ(judge({"", 0}, {"B", 10, "", 0}, 1), Resume::kGone);
}

TEST(PositionBeforeNewest, LeavesThatManyMessages) {
  EXPECT_EQ(position_before_newest(0, 40, 100), 100U);
  EXPECT_EQ(position_before_newest(1, 40, 100), 99U);
  EXPECT_EQ(position_before_newest(61, 40, 100), 39U);
}

TEST(PositionBeforeNewest, LeavesWhatIsHeldWhereThatIsLess) {
  EXPECT_EQ(position_before_newest(62, 40, 100), 39U);
  EXPECT_EQ(position_before_newest(4'000'000'000, 40, 100), 39U);
  EXPECT_EQ(position_before_newest(50, 1, 3), 0U);
  EXPECT_EQ(position_before_newest(50, 1, 0), 0U);        // nothing was ever said
  EXPECT_EQ(position_before_newest(50, 101, 100), 100U);  // nothing is held
}

}  // namespace
}  // namespace spillway::room
