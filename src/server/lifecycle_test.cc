#include "server/lifecycle.h"

#include <gtest/gtest.h>

namespace spillway::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Phase = Lifecycle::Phase;
using Step = Lifecycle::Step;

const TimePoint kStart{seconds(1000)};
constexpr Lifecycle::Facts kBusy{.all_gone = false, .unpublished = 3, .left = false};
constexpr Lifecycle::Facts kGone{.all_gone = true, .unpublished = 0, .left = false};
constexpr Lifecycle::Facts kLeft{.all_gone = true, .unpublished = 0, .left = true};

TEST(Lifecycle, TellsWithinTenAndClosesAtTwentyOfTwentyFiveSeconds) {
  Lifecycle life;
  EXPECT_EQ(life.drain(Lifecycle::kSignalLimit, kStart), Step::kDrain);
  EXPECT_EQ(life.tell_within(), seconds(10));
  EXPECT_EQ(life.close_after(), seconds(20));
}

TEST(Lifecycle, DoesNothingWhileItRuns) {
  Lifecycle life;
  EXPECT_EQ(life.tick(kGone, kStart), Step::kNothing);
  EXPECT_EQ(life.hurry(kStart), Step::kNothing);
  EXPECT_EQ(life.phase(), Phase::kRunning);
}

TEST(Lifecycle, EndsAsSoonAsEverybodyIsGone) {
  Lifecycle life;
  EXPECT_EQ(life.drain(seconds(25), kStart), Step::kDrain);
  EXPECT_EQ(life.drain(seconds(60), kStart), Step::kNothing) << "one drain is enough";
  EXPECT_EQ(life.tick(kBusy, kStart + seconds(1)), Step::kNothing);
  EXPECT_EQ(life.tick(kGone, kStart + seconds(2)), Step::kCloseAll);
  EXPECT_EQ(life.tick(kGone, kStart + seconds(2)), Step::kLeave);
  EXPECT_EQ(life.tick(kGone, kStart + seconds(2)), Step::kNothing);
  EXPECT_EQ(life.tick(kLeft, kStart + seconds(2)), Step::kExit);
  EXPECT_EQ(life.tick(kLeft, kStart + seconds(3)), Step::kNothing);
  EXPECT_EQ(life.phase(), Phase::kOver);
}

TEST(Lifecycle, PublishesWhatIsOwedBeforeItLeaves) {
  Lifecycle life;
  (void)life.drain(seconds(25), kStart);
  const Lifecycle::Facts owes{.all_gone = true, .unpublished = 1, .left = false};
  EXPECT_EQ(life.tick(owes, kStart + seconds(1)), Step::kCloseAll);
  EXPECT_EQ(life.tick(owes, kStart + seconds(24)), Step::kNothing);
  EXPECT_EQ(life.tick(kGone, kStart + seconds(24)), Step::kLeave);
}

TEST(Lifecycle, IsOutByItsLimitWhateverIsMissing) {
  Lifecycle life;
  (void)life.drain(seconds(25), kStart);
  EXPECT_EQ(life.tick(kBusy, kStart + milliseconds(22'499)), Step::kNothing);
  EXPECT_EQ(life.tick(kBusy, kStart + milliseconds(22'500)), Step::kCloseAll);
  EXPECT_EQ(life.tick(kBusy, kStart + milliseconds(24'999)), Step::kNothing);
  EXPECT_EQ(life.tick(kBusy, kStart + seconds(25)), Step::kLeave);
  EXPECT_EQ(life.tick(kBusy, kStart + milliseconds(25'999)), Step::kNothing);
  EXPECT_EQ(life.tick(kBusy, kStart + seconds(26)), Step::kExit);
}

TEST(Lifecycle, WaitsForASlowRedisAsLongAsTheDrainMayTake) {
  const Lifecycle::Facts asking{.all_gone = true, .unpublished = 0, .left = false, .asking = true};
  const auto leaving = [] {
    Lifecycle life;
    (void)life.drain(seconds(25), kStart);
    (void)life.tick(kGone, kStart + seconds(1));
    EXPECT_EQ(life.tick(kGone, kStart + seconds(1)), Step::kLeave);
    return life;
  };
  Lifecycle slow = leaving();
  EXPECT_EQ(slow.tick(asking, kStart + milliseconds(24'999)), Step::kNothing);
  EXPECT_EQ(slow.tick(asking, kStart + seconds(25)), Step::kExit);
  Lifecycle away = leaving();
  EXPECT_EQ(away.tick(kGone, kStart + milliseconds(1'999)), Step::kNothing);
  EXPECT_EQ(away.tick(kGone, kStart + seconds(2)), Step::kExit);
  Lifecycle lost = leaving();
  EXPECT_EQ(lost.tick(asking, kStart + seconds(6)), Step::kNothing);
  EXPECT_EQ(lost.tick(kGone, kStart + milliseconds(6'999)), Step::kNothing) << "it may be back";
  EXPECT_EQ(lost.tick(kGone, kStart + seconds(7)), Step::kExit);
  Lifecycle hurried = leaving();
  (void)hurried.hurry(kStart + seconds(3));
  EXPECT_EQ(hurried.tick(asking, kStart + milliseconds(3'999)), Step::kNothing);
  EXPECT_EQ(hurried.tick(asking, kStart + seconds(4)), Step::kExit);
}

TEST(Lifecycle, ASecondSignalLeavesASecondForLastWords) {
  Lifecycle life;
  (void)life.drain(seconds(25), kStart);
  EXPECT_EQ(life.hurry(kStart + seconds(3)), Step::kCloseAll);
  EXPECT_EQ(life.tick(kBusy, kStart + milliseconds(3'999)), Step::kNothing);
  EXPECT_EQ(life.tick(kBusy, kStart + seconds(4)), Step::kLeave);
}

TEST(Lifecycle, ASignalShortensWhatIsClosingAlready) {
  Lifecycle life;
  (void)life.drain(seconds(60), kStart);
  const Lifecycle::Facts owes{.all_gone = true, .unpublished = 1, .left = false};
  EXPECT_EQ(life.tick(owes, kStart + seconds(1)), Step::kCloseAll);
  EXPECT_EQ(life.hurry(kStart + seconds(2)), Step::kNothing);
  EXPECT_EQ(life.tick(owes, kStart + seconds(3)), Step::kLeave);
}

}  // namespace
}  // namespace spillway::server
