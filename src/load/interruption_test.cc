#include "load/interruption.h"

#include "load/testing/viewer_fixture.h"

namespace spillway::load::testing {
namespace {

using std::chrono::milliseconds;

class InterruptionTest : public ViewerTest {
 protected:
  void pass(milliseconds time) { now_ += time; }
  Histogram recorded(const SharedHistogram& of) {
    Histogram sum;
    of.add_to(sum);
    return sum;
  }
  Histogram catch_up() { return recorded(crowd_.tally->catch_up); }
  Histogram pause() { return recorded(crowd_.tally->pause); }
  // It lost its connection and has a new one, with the register sent.
  void comes_back(Viewer& viewer) {
    viewer.lost(0, "gone", crowd_);
    ring(viewer);
    upgrade(viewer, 0);
  }
};

TEST_F(InterruptionTest, WhoComesBackHasCaughtUpWithWhatTheOthersKnewThen) {
  Viewer steady = join(0);
  Viewer viewer = join(0);
  feed(viewer, chat(1));
  comes_back(viewer);
  feed(steady, chat(1) + chat(2) + chat(3));
  pass(milliseconds(20));
  feed(viewer, registered(1, true) + chat(2));
  EXPECT_EQ(catch_up().count(), 0U) << "the third is known of";
  pass(milliseconds(30));
  feed(viewer, chat(3));
  EXPECT_EQ(catch_up().count(), 1U);
  EXPECT_NEAR(to_ms(catch_up().max()), 50, 0.01);
  pass(milliseconds(30));
  feed(viewer, chat(4));
  EXPECT_EQ(catch_up().count(), 1U) << "once";
}

TEST_F(InterruptionTest, WhereNothingWasSaidMeanwhileTheNextMessageEndsIt) {
  Viewer viewer = join(0);
  feed(viewer, chat(1));
  comes_back(viewer);
  feed(viewer, registered(1, true));
  EXPECT_EQ(catch_up().count(), 0U);
  pass(milliseconds(10));
  feed(viewer, chat(2));
  EXPECT_NEAR(to_ms(catch_up().max()), 10, 0.01);
}

TEST_F(InterruptionTest, AttemptsThatFailArePartOfIt) {
  Viewer viewer = join(0);
  comes_back(viewer);
  pass(milliseconds(100));
  comes_back(viewer);
  pass(milliseconds(10));
  feed(viewer, registered(0, true) + chat(1));
  EXPECT_EQ(catch_up().count(), 1U);
  EXPECT_NEAR(to_ms(catch_up().max()), 110, 0.01);
}

TEST_F(InterruptionTest, WhoComesForTheFirstTimeOrStaysRecordsNothing) {
  Viewer viewer = join(0);
  feed(viewer, chat(1) + chat(2));
  EXPECT_EQ(catch_up().count(), 0U);
  EXPECT_EQ(pause().count(), 0U);
}

TEST_F(InterruptionTest, TheLongestSilenceOfAHandOverIsItsPause) {
  Viewer viewer = join(0);
  feed(viewer, redistribute("ws://b:2"));
  pass(milliseconds(10));
  feed(viewer, chat(1));
  ring(viewer);
  pass(milliseconds(40));
  upgrade(viewer, 1);
  feed(viewer, 1, registered(1, true));
  EXPECT_EQ(pause().count(), 0U) << "nothing has come on the new connection";
  pass(milliseconds(5));
  feed(viewer, 1, chat(2));
  EXPECT_EQ(pause().count(), 1U);
  EXPECT_NEAR(to_ms(pause().max()), 45, 0.01);
  pass(milliseconds(500));
  feed(viewer, 1, chat(3));
  EXPECT_EQ(pause().count(), 1U) << "that is no more of it";
}

class ReturnTest : public ViewerTest {
 protected:
  ReturnTest() : ViewerTest(elsewhere()) {}

  static Manners elsewhere() {
    Manners manners = ViewerTest::manners(true);
    manners.return_url = "ws://b:2";
    return manners;
  }
};

TEST_F(ReturnTest, WhoLostItsServerGoesToTheOtherOneAndWhoComesNewDoesNot) {
  Viewer viewer = newcomer();
  viewer.come(crowd_);
  EXPECT_EQ(wanted<Connect>().at(0).url, "ws://a:1");
  upgrade(viewer, 0);
  feed(viewer, registered(0));
  viewer.lost(0, "gone", crowd_);
  ring(viewer);
  EXPECT_EQ(wanted<Connect>().at(0).url, "ws://b:2");
  viewer.leave(crowd_);
  viewer.come(crowd_);
  EXPECT_EQ(wanted<Connect>().at(0).url, "ws://a:1");
}

}  // namespace
}  // namespace spillway::load::testing
