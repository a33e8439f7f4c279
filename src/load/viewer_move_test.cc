// Hand-overs to another server, moves to another room, and both at once.
#include "load/testing/viewer_fixture.h"

namespace spillway::load::testing {
namespace {

using std::chrono::milliseconds;

// A server's answer to the register of the second room, whose order begins at 9.
const std::string kInRoom2 = registered(9, std::nullopt, "g", "chat-room-2");

bool asks_for_room2(const std::string& said) {
  return said.find(R"("type":"register","payload":{"chatId":"chat-room-2"})") != std::string::npos;
}

TEST_F(ViewerTest, IsHandedOverWithoutALossAndLeavesOnceItIsAnswered) {
  Viewer viewer = join(0);
  feed(viewer, chat(1));
  viewer.say(kBegin, crowd_);
  const std::string first = said(viewer, 0);
  feed(viewer, redistribute("ws://b:2"));
  EXPECT_EQ(ring(viewer).after, milliseconds(350));
  EXPECT_EQ(wanted<Connect>().at(0).url, "ws://b:2");
  EXPECT_NE(upgrade(viewer, 1).find(R"("since":{"epoch":"e","seq":1})"), std::string::npos);
  feed(viewer, 0, chat(2));
  feed(viewer, 1, registered(1, true) + chat(2) + chat(3));
  feed(viewer, 0, chat(3) + chat(4));
  feed(viewer, 1, chat(4));
  EXPECT_EQ(counted(Metric::kDeliveries), 4U) << "each once";
  EXPECT_EQ(counted(Metric::kDuplicates), 0U) << "of two connections it must be expected";
  EXPECT_TRUE(wanted<Drop>().empty()) << "the old one owes an answer";

  viewer.say(kBegin, crowd_);
  EXPECT_EQ(said(viewer, 0) + said(viewer, 1), "") << "new lines wait";
  feed(viewer, 0, ack(id_in(first), 5));
  EXPECT_EQ(wanted<Drop>().at(0).link, 0);
  EXPECT_NE(said(viewer, 1), "");
  EXPECT_EQ(counted(Metric::kRedistributed), 1U);
  EXPECT_EQ(counted(Metric::kReconnects), 0U);
  feed(viewer, 1, chat(5) + chat(5));
  EXPECT_EQ(counted(Metric::kDuplicates), 1U) << "on one connection it must not";
}

TEST_F(ViewerTest, WithoutABalancerToAskItTriesItsServerAgain) {
  Viewer viewer = join(0);
  feed(viewer, redistribute(std::nullopt));
  ring(viewer);
  const std::vector<Connect> connects = wanted<Connect>();
  ASSERT_EQ(connects.size(), 1U);
  EXPECT_EQ(connects[0].url, "ws://a:1");
}

TEST_F(ViewerTest, GoesOnWhereItIsIfTheOtherServerIsNotThere) {
  Viewer viewer = join(0);
  begin_handover(viewer);
  viewer.connect(1, "b:2", "/", now_, crowd_);
  viewer.lost(1, "refused", crowd_);
  feed(viewer, 0, chat(1));
  EXPECT_EQ(viewer.state(), Viewer::State::kWatching);
  EXPECT_EQ(counted(Metric::kDeliveries), 1U);
}

TEST_F(ViewerTest, TakesTheNewConnectionIfTheOldOneEndsFirst) {
  Viewer viewer = join(0);
  begin_handover(viewer);
  upgrade(viewer, 1);
  viewer.lost(0, "closed", crowd_);
  EXPECT_EQ(viewer.state(), Viewer::State::kJoining);
  feed(viewer, 1, registered(0, true) + chat(1));
  EXPECT_EQ(viewer.state(), Viewer::State::kWatching);
  EXPECT_EQ(counted(Metric::kReconnects), 1U);
}

TEST_F(ViewerTest, WhoIsToldToGoBeforeItIsInItsRoomGoesAfterwards) {
  Viewer viewer = newcomer();
  viewer.come(crowd_);
  upgrade(viewer, 0);
  wanted<Connect>();
  feed(viewer, 0, redistribute("ws://b:2"));
  ring(viewer);
  const std::vector<Wake> again = wanted<Wake>();
  ASSERT_EQ(again.size(), 1U);
  feed(viewer, 0, registered(0));
  EXPECT_EQ(viewer.state(), Viewer::State::kWatching);
  ring(viewer, again[0]);
  EXPECT_EQ(wanted<Connect>().at(0).url, "ws://b:2");
  upgrade(viewer, 1);
  feed(viewer, 1, registered(0, true) + chat(1));
  EXPECT_EQ(viewer.state(), Viewer::State::kWatching);
  EXPECT_EQ(counted(Metric::kRedistributed), 1U);
}

TEST_F(ViewerTest, MovesToAnotherRoomAndMissesNothingOfTheOldOneAnyMore) {
  Viewer viewer = join(0);
  feed(viewer, chat(1) + chat(3));
  viewer.move_to(crowd_.rooms[1], crowd_);
  EXPECT_NE(said(viewer, 0).find(R"("chatId":"chat-room-2")"), std::string::npos);
  feed(viewer, chat(4) + registered(9, std::nullopt, "g", "chat-room-2") + chat(10));
  EXPECT_EQ(&viewer.room(), &crowd_.rooms[1]);
  EXPECT_EQ(counted(Metric::kMoved), 1U);
  EXPECT_EQ(counted(Metric::kLeftMissing), 1U);
  EXPECT_EQ(viewer.missing(crowd_), 0U);
  EXPECT_EQ(counted(Metric::kDeliveries), 4U);
}

TEST_F(ViewerTest, ARaidInAHandOverWaitsForItsEnd) {
  Viewer viewer = join(0);
  begin_handover(viewer);
  upgrade(viewer, 1);
  viewer.move_to(crowd_.rooms[1], crowd_);
  EXPECT_EQ(said(viewer, 0) + said(viewer, 1), "") << "one connection is asked, not one of two";
  feed(viewer, 1, registered(0, true) + chat(1));
  EXPECT_EQ(&viewer.room(), &crowd_.rooms[0]) << "that answers the other register";
  EXPECT_EQ(crowd_.rooms[0].progress->newest(), 1U);
  EXPECT_EQ(crowd_.rooms[1].progress->newest(), 0U);
  EXPECT_TRUE(asks_for_room2(said(viewer, 1)));
  feed(viewer, 1, kInRoom2 + chat(10));
  EXPECT_EQ(&viewer.room(), &crowd_.rooms[1]);
  EXPECT_EQ(crowd_.rooms[1].progress->newest(), 10U);
  EXPECT_EQ(counted(Metric::kMoved), 1U);
  EXPECT_EQ(viewer.missing(crowd_), 0U);
}

TEST_F(ViewerTest, ARaidWaitsUntilTheOldServerOwesNothing) {
  Viewer viewer = join(0);
  viewer.say(kBegin, crowd_);
  const std::string first = said(viewer, 0);
  begin_handover(viewer);
  upgrade(viewer, 1);
  feed(viewer, 1, registered(0, true));
  viewer.move_to(crowd_.rooms[1], crowd_);
  EXPECT_EQ(said(viewer, 1), "");
  feed(viewer, 0, chat(1) + ack(id_in(first), 1));
  EXPECT_TRUE(asks_for_room2(said(viewer, 1)));
  feed(viewer, 1, chat(1) + kInRoom2);
  EXPECT_EQ(crowd_.rooms[1].progress->newest(), 9U) << "nothing of the old room came after it";
  EXPECT_EQ(counted(Metric::kDeliveries), 1U);
}

TEST_F(ViewerTest, AHandOverWaitsUntilItIsInItsNewRoom) {
  Viewer viewer = join(0);
  viewer.move_to(crowd_.rooms[1], crowd_);
  EXPECT_TRUE(asks_for_room2(said(viewer, 0)));
  feed(viewer, 0, redistribute("ws://b:2"));
  ring(viewer);
  const std::vector<Wake> again = wanted<Wake>();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].after, milliseconds(100));
  viewer.say(kBegin, crowd_);
  feed(viewer, 0, kInRoom2);
  EXPECT_NE(said(viewer, 0), "") << "the line that waited";
  ring(viewer, again[0]);
  EXPECT_EQ(wanted<Connect>().at(0).url, "ws://b:2");
  EXPECT_NE(upgrade(viewer, 1).find(R"("since":{"epoch":"g","seq":9})"), std::string::npos);
}

TEST_F(ViewerTest, ARaidBeforeItIsInItsRoomIsFollowedOnceItIs) {
  Viewer viewer = newcomer();
  viewer.come(crowd_);
  upgrade(viewer, 0);
  viewer.move_to(crowd_.rooms[1], crowd_);
  EXPECT_EQ(said(viewer, 0), "");
  feed(viewer, 0, registered(3));
  EXPECT_EQ(&viewer.room(), &crowd_.rooms[0]);
  EXPECT_TRUE(asks_for_room2(said(viewer, 0)));
  feed(viewer, 0, kInRoom2);
  EXPECT_EQ(&viewer.room(), &crowd_.rooms[1]);
}

TEST_F(ViewerTest, MovesOnTheOldConnectionIfTheNewOneIsLost) {
  Viewer viewer = join(0);
  viewer.say(kBegin, crowd_);
  begin_handover(viewer);
  upgrade(viewer, 1);
  feed(viewer, 1, registered(0, true));
  viewer.move_to(crowd_.rooms[1], crowd_);
  said(viewer, 0);
  viewer.lost(1, "reset", crowd_);
  EXPECT_TRUE(asks_for_room2(said(viewer, 0)));
  feed(viewer, 0, kInRoom2);
  EXPECT_EQ(&viewer.room(), &crowd_.rooms[1]);
  viewer.say(kBegin, crowd_);
  EXPECT_NE(said(viewer, 0), "");
}

TEST_F(ViewerTest, MovesOnTheNewConnectionIfTheOldOneIsLost) {
  Viewer viewer = join(0);
  begin_handover(viewer);
  upgrade(viewer, 1);
  viewer.move_to(crowd_.rooms[1], crowd_);
  viewer.lost(0, "reset", crowd_);
  feed(viewer, 1, registered(0, true));
  EXPECT_TRUE(asks_for_room2(said(viewer, 1)));
}

TEST_F(ViewerTest, WhoIsNotLetIntoTheRoomStaysWhereItIs) {
  Viewer viewer = join(0);
  viewer.move_to(crowd_.rooms[1], crowd_);
  said(viewer, 0);
  viewer.say(kBegin, crowd_);
  EXPECT_EQ(said(viewer, 0), "");
  feed(viewer, 0, refusal("unavailable"));
  EXPECT_EQ(&viewer.room(), &crowd_.rooms[0]);
  EXPECT_NE(said(viewer, 0), "");
  feed(viewer, 0, chat(1));
  EXPECT_EQ(counted(Metric::kDeliveries), 1U);
  EXPECT_EQ(counted(Metric::kMoved), 0U);
}

TEST_F(ViewerTest, ChangesItsMindWhileItMoves) {
  Viewer viewer = join(0);
  viewer.move_to(crowd_.rooms[1], crowd_);
  said(viewer, 0);
  viewer.move_to(crowd_.rooms[0], crowd_);
  EXPECT_EQ(said(viewer, 0), "") << "one register after the other";
  feed(viewer, 0, kInRoom2 + chat(10));
  EXPECT_EQ(crowd_.rooms[1].progress->newest(), 10U);
  EXPECT_NE(said(viewer, 0).find(R"("chatId":"chat-room-1")"), std::string::npos);
  feed(viewer, 0, registered(1) + chat(2));
  EXPECT_EQ(&viewer.room(), &crowd_.rooms[0]);
  EXPECT_EQ(viewer.missing(crowd_), 0U);
}

TEST_F(ViewerTest, WhoLosesItsConnectionAsItMovesComesBackToTheNewRoom) {
  Viewer viewer = join(0);
  viewer.move_to(crowd_.rooms[1], crowd_);
  said(viewer, 0);
  viewer.lost(0, "reset", crowd_);
  EXPECT_EQ(counted(Metric::kMoved), 1U);
  ring(viewer);
  EXPECT_TRUE(asks_for_room2(upgrade(viewer, 0)));
  feed(viewer, 0, kInRoom2);
  EXPECT_EQ(viewer.state(), Viewer::State::kWatching);
  EXPECT_EQ(viewer.missing(crowd_), 0U);
}

TEST_F(ViewerTest, ARaidFindsNobodyWhereOneWasToldToStayAway) {
  Viewer viewer = join(0);
  feed(viewer, close_frame(4503, "abuse"));
  viewer.move_to(crowd_.rooms[1], crowd_);
  EXPECT_EQ(&viewer.room(), &crowd_.rooms[0]);
  EXPECT_EQ(counted(Metric::kMoved), 0U);
}

}  // namespace
}  // namespace spillway::load::testing
