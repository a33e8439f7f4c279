#include "room/room_feed.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "room/test_batches.h"

namespace spillway::room {
namespace {

// Two loops that take everything, unless they are full.
class Loops : public FeedPort {
 public:
  bool post(std::uint32_t loop, RoomSnapshot&& snapshot) override {
    if (full) return false;
    snapshots.emplace_back(loop, std::move(snapshot));
    if (on_snapshot) std::exchange(on_snapshot, {})();
    return true;
  }
  bool post(std::uint32_t, RoomBatch&&) override { return !full; }
  bool post(std::uint32_t, RoomRest&& rest) override {
    if (!full) rests.push_back(std::move(rest));
    return !full;
  }
  void behind(std::uint32_t loop) override { behind_loops.push_back(loop); }

  // The question that the newest one answers.
  std::uint64_t answers() const { return snapshots.back().second.answers; }

  bool full = false;
  std::function<void()> on_snapshot;  // once
  std::vector<std::pair<std::uint32_t, RoomSnapshot>> snapshots;
  std::vector<std::uint32_t> behind_loops;
  std::vector<RoomRest> rests;
};

class RoomFeedTest : public ::testing::Test {
 protected:
  void SetUp() override {
    sync_.start(actions_);
    sync_.subscribed(actions_);
    sync_.settled({"one", 0, "", 0}, actions_);
    feed_.want(0, sync_, loops_);
    ASSERT_FALSE(feed_.opened(false, sync_, loops_));
    loops_.snapshots.clear();
  }

  // A viewer of loop 0 knows more; what the hub does about it.
  void recheck() {
    if (feed_.recheck(0, ++questions_, sync_)) sync_.recheck(actions_);
  }
  void opened(bool new_epoch = false) {
    if (feed_.opened(new_epoch, sync_, loops_)) sync_.recheck(actions_);
  }

  HistoryRules rules_{100, std::chrono::milliseconds(0), 1024 * 1024};
  RoomSync sync_{rules_};
  RoomFeed feed_{"lobby", 1};
  Loops loops_;
  SyncActions actions_;
  std::uint64_t questions_ = 0;
};

TEST_F(RoomFeedTest, AQuestionIsAnsweredByWhatWasAskedAfterIt) {
  recheck();
  ASSERT_EQ(sync_.phase(), RoomSync::Phase::kSettling);
  sync_.settled({"one", 0, "", 0}, actions_);
  opened();
  ASSERT_EQ(loops_.snapshots.size(), 1U);
  EXPECT_EQ(loops_.answers(), 1U);
}

// The answer under way may be older than the viewer's position, and begins an epoch that is over.
TEST_F(RoomFeedTest, AnAnswerThatWasAskedForBeforeIsNone) {
  sync_.recheck(actions_);
  recheck();
  sync_.settled({"two", 0, "one", 0}, actions_);
  opened(true);
  ASSERT_EQ(loops_.snapshots.size(), 1U);
  EXPECT_EQ(loops_.answers(), 0U);
  ASSERT_EQ(sync_.phase(), RoomSync::Phase::kSettling);
  sync_.settled({"three", 0, "two", 0}, actions_);
  opened(true);
  EXPECT_EQ(loops_.answers(), 1U);
}

// What fills a hole says nothing of what Redis has beyond.
TEST_F(RoomFeedTest, AHoleThatIsFilledIsNoAnswer) {
  sync_.live(test_batch("one", 3, 1), {}, actions_);
  ASSERT_EQ(sync_.phase(), RoomSync::Phase::kReading);
  recheck();
  sync_.page({test_batch("one", 1, 2)}, true, "one", {}, actions_);
  opened();
  EXPECT_EQ(loops_.answers(), 0U);
  EXPECT_EQ(sync_.phase(), RoomSync::Phase::kSettling);
}

TEST_F(RoomFeedTest, AnAnswerThatFoundNoRoomIsGivenLater) {
  recheck();
  sync_.settled({"one", 0, "", 0}, actions_);
  loops_.full = true;
  opened();
  ASSERT_EQ(loops_.behind_loops, std::vector<std::uint32_t>{0});
  loops_.full = false;
  feed_.bring_up(0, sync_, loops_);
  ASSERT_EQ(loops_.snapshots.size(), 1U);
  EXPECT_EQ(loops_.answers(), 1U);
}

// Another viewer asks while the first one's answer is under way, be it from Redis or to the loop.
TEST_F(RoomFeedTest, AnAnswerSaysWhichQuestionItIsOf) {
  recheck();
  recheck();
  sync_.settled({"one", 0, "", 0}, actions_);
  opened();
  EXPECT_EQ(loops_.answers(), 1U);
  sync_.settled({"one", 0, "", 0}, actions_);
  opened();
  EXPECT_EQ(loops_.answers(), 2U);
}

// Loop 0 is called, not posted to: what it makes of an answer may be the next question.
TEST_F(RoomFeedTest, AQuestionThatComesOfAnAnswerIsNotForgotten) {
  recheck();
  sync_.settled({"one", 0, "", 0}, actions_);
  loops_.on_snapshot = [this] { recheck(); };
  opened();
  ASSERT_EQ(sync_.phase(), RoomSync::Phase::kSettling);
  sync_.settled({"one", 0, "", 0}, actions_);
  opened();
  ASSERT_EQ(loops_.snapshots.size(), 2U);
  EXPECT_EQ(loops_.answers(), 2U);
}

// Redis came back with less than was here: what is left here is less than what it has.
TEST_F(RoomFeedTest, ALoopThatComesWhileANewEpochIsReadWaitsForAllOfIt) {
  sync_.live(test_batch("one", 1, 2), {}, actions_);
  sync_.recheck(actions_);
  sync_.settled({"two", 1, "one", 1}, actions_);
  ASSERT_EQ(sync_.phase(), RoomSync::Phase::kReading);
  feed_.want(0, sync_, loops_);
  feed_.bring_up(0, sync_, loops_);
  EXPECT_TRUE(loops_.snapshots.empty());
  sync_.page({test_batch("one", 1, 1)}, true, "two", {}, actions_);
  opened(true);
  ASSERT_EQ(loops_.snapshots.size(), 1U);
  EXPECT_EQ(loops_.snapshots[0].second.first_seq, 1U);
}

TEST_F(RoomFeedTest, ALoopThatComesWhileRedisIsAwayIsToldWhatIsKnown) {
  sync_.live(test_batch("one", 1, 2), {}, actions_);
  sync_.recheck(actions_);
  sync_.settled({"two", 1, "one", 1}, actions_);
  sync_.lost();
  feed_.want(0, sync_, loops_);
  EXPECT_EQ(loops_.snapshots.size(), 1U);
}

TEST_F(RoomFeedTest, ALoopIsToldOnceThatTheRoomIsQuiet) {
  for (std::uint64_t seq = 1; seq <= 2; ++seq) {
    sync_.live(test_batch("one", seq, 1), {}, actions_);
    feed_.append(sync_.log().after(seq - 1).front(), sync_, loops_);
  }
  EXPECT_FALSE(sync_.rest({1999})) << "not that quiet";
  ASSERT_TRUE(sync_.rest({2000}));
  loops_.full = true;
  feed_.rest(sync_, loops_);
  loops_.full = false;
  feed_.rest(sync_, loops_);
  feed_.rest(sync_, loops_);
  ASSERT_EQ(loops_.rests.size(), 1U);
  EXPECT_EQ(loops_.rests[0].log, sync_.log().only());
  EXPECT_EQ(loops_.rests[0].log->count, 2U);
  feed_.stirred(0);
  feed_.rest(sync_, loops_);
  EXPECT_EQ(loops_.rests.size(), 2U);
  sync_.live(test_batch("one", 3, 1), {}, actions_);
  feed_.append(sync_.log().after(2).front(), sync_, loops_);
  ASSERT_TRUE(sync_.rest({2000}));
  feed_.rest(sync_, loops_);
  EXPECT_EQ(loops_.rests.size(), 3U);
}

TEST_F(RoomFeedTest, ALoopThatLacksSomethingIsNotToldThatTheRoomIsQuiet) {
  sync_.live(test_batch("one", 1, 1), {}, actions_);
  loops_.full = true;
  feed_.append(sync_.log().after(0).front(), sync_, loops_);
  loops_.full = false;
  ASSERT_TRUE(sync_.rest({2000}));
  feed_.rest(sync_, loops_);
  EXPECT_TRUE(loops_.rests.empty());
  feed_.bring_up(0, sync_, loops_);
  feed_.rest(sync_, loops_);
  EXPECT_EQ(loops_.rests.size(), 1U);
}

}  // namespace
}  // namespace spillway::room
