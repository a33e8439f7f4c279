#include "room/room_sync.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "base/overloaded.h"
#include "room/test_batches.h"

namespace spillway::room {
namespace {

const HistoryRules kRules{1000, std::chrono::seconds(60), 8 * 1024 * 1024};

// What the machine asked for, as text: "subscribe", "settle", "read 1-9", "append 3", "opened",
// "new epoch".
std::vector<std::string> told(const SyncActions& actions) {
  std::vector<std::string> texts;
  for (const SyncAction& action : actions) {
    texts.push_back(std::visit(
        overloaded{
            [](const Subscribe&) { return std::string("subscribe"); },
            [](const Settle&) { return std::string("settle"); },
            [](const ReadPage& page) { return fmt::format("read {}-{}", page.from, page.to); },
            [](const Append& append) { return fmt::format("append {}", append.batch->first_seq); },
            [](const Opened& opened) {
              return std::string(opened.new_epoch ? "new epoch" : "opened");
            }},
        action));
  }
  return texts;
}

using Told = std::vector<std::string>;

class RoomSyncTest : public ::testing::Test {
 protected:
  template <typename Event>
  Told after(Event event) {
    SyncActions out;
    event(out);
    return told(out);
  }
  Told start() {
    return after([this](auto& out) { sync_.start(out); });
  }
  Told subscribed() {
    return after([this](auto& out) { sync_.subscribed(out); });
  }
  Told settled(const EpochState& state) {
    return after([&](auto& out) { sync_.settled(state, out); });
  }
  Told page(std::vector<BatchPtr> batches, bool complete) {
    return page_of(std::string(sync_.state().epoch), std::move(batches), complete);
  }
  Told page_of(const std::string& epoch, std::vector<BatchPtr> batches, bool complete) {
    return after([&](auto& out) { sync_.page(std::move(batches), complete, epoch, {}, out); });
  }
  Told live(BatchPtr batch) {
    return after([&](auto& out) { sync_.live(std::move(batch), {}, out); });
  }
  Told retry() {
    return after([this](auto& out) { sync_.retry(out); });
  }
  Told recheck() {
    return after([this](auto& out) { sync_.recheck(out); });
  }

  // Live in epoch A with messages 1 to `seq`, a batch each.
  void open(std::uint64_t seq) {
    start();
    subscribed();
    settled({"A", seq, "", 0});
    if (seq == 0) return;
    std::vector<BatchPtr> batches;
    for (std::uint64_t s = seq; s > 0; --s) batches.push_back(test_batch("A", s));
    page(std::move(batches), true);
  }
  // Asks again and is answered `state`; then what is told.
  Told settle_again(const EpochState& state) {
    sync_.lost();
    start();
    subscribed();
    return settled(state);
  }

  void expect_log(std::uint64_t first, std::uint64_t seq) {
    EXPECT_EQ(sync_.first_seq(), first);
    EXPECT_EQ(sync_.state().seq, seq);
    if (first <= seq) {
      ASSERT_FALSE(sync_.log().empty());
      EXPECT_EQ(sync_.log().last_seq(), seq);
    }
  }

  RoomSync sync_{kRules};
};

TEST_F(RoomSyncTest, SubscribesBeforeItAsksForTheEpoch) {
  EXPECT_EQ(sync_.phase(), RoomSync::Phase::kAway);
  EXPECT_EQ(start(), Told{"subscribe"});
  EXPECT_EQ(subscribed(), Told{"settle"});
  EXPECT_FALSE(sync_.opened());
}

TEST_F(RoomSyncTest, OpensARoomWhereNothingWasEverSaid) {
  start();
  subscribed();
  EXPECT_EQ(settled({"A", 0, "", 0}), Told{"opened"});
  expect_log(1, 0);
  EXPECT_EQ(sync_.trim_id(), 1U);
}

TEST_F(RoomSyncTest, ReadsTheLogInPagesUntilItIsComplete) {
  start();
  subscribed();
  EXPECT_EQ(settled({"A", 9, "", 0}), Told{"read 1-9"});
  EXPECT_EQ(page({test_batch("A", 8, 2), test_batch("A", 6, 2)}, false), Told{"read 1-5"});
  EXPECT_EQ(sync_.trim_id(), 0U);
  EXPECT_EQ(page({test_batch("A", 4, 2)}, false), Told{"read 1-3"});
  EXPECT_EQ(page({}, true), Told{"opened"});
  expect_log(4, 9);
  EXPECT_EQ(sync_.trim_id(), 4U);
}

TEST_F(RoomSyncTest, StopsReadingAtTheFirstMessage) {
  start();
  subscribed();
  settled({"A", 3, "", 0});
  EXPECT_EQ(page({test_batch("A", 1, 3)}, false), Told{"opened"});
  expect_log(1, 3);
}

TEST_F(RoomSyncTest, OpensEmptyWhereTheLogHasExpired) {
  start();
  subscribed();
  settled({"A", 9, "", 0});
  EXPECT_EQ(page({}, true), Told{"opened"});
  expect_log(10, 9);
}

TEST_F(RoomSyncTest, TakesNothingOfALogThatDoesNotReachTheNewestMessage) {
  start();
  subscribed();
  settled({"A", 9, "", 0});
  EXPECT_EQ(page({test_batch("A", 7, 2)}, true), Told{"opened"});
  expect_log(10, 9);
}

TEST_F(RoomSyncTest, TakesOfALogWithAHoleWhatStandsBehindIt) {
  start();
  subscribed();
  settled({"A", 9, "", 0});
  EXPECT_EQ(page({test_batch("A", 8, 2), test_batch("A", 4, 2)}, false), Told{"opened"});
  expect_log(8, 9);
}

TEST_F(RoomSyncTest, MergesWhatCameLiveWhileItRead) {
  start();
  subscribed();
  EXPECT_TRUE(live(test_batch("A", 2)).empty());  // before the epoch is known
  settled({"A", 3, "", 0});
  EXPECT_TRUE(live(test_batch("A", 3)).empty());
  EXPECT_TRUE(live(test_batch("A", 4)).empty());
  EXPECT_EQ(page({test_batch("A", 3), test_batch("A", 2), test_batch("A", 1)}, true),
            (Told{"opened", "append 4"}));
  expect_log(1, 4);
}

TEST_F(RoomSyncTest, AppendsWhatFollows) {
  open(3);
  EXPECT_EQ(live(test_batch("A", 4, 2)), Told{"append 4"});
  EXPECT_EQ(live(test_batch("A", 6)), Told{"append 6"});
  expect_log(1, 6);
}

TEST_F(RoomSyncTest, DropsWhatItHas) {
  open(3);
  EXPECT_TRUE(live(test_batch("A", 3)).empty());
  EXPECT_TRUE(live(test_batch("A", 1)).empty());
  expect_log(1, 3);
}

TEST_F(RoomSyncTest, FillsAHole) {
  open(3);
  EXPECT_EQ(live(test_batch("A", 7)), Told{"read 4-6"});
  EXPECT_TRUE(live(test_batch("A", 8)).empty());
  EXPECT_EQ(page({test_batch("A", 6)}, false), Told{"read 4-5"});
  EXPECT_EQ(page({test_batch("A", 4, 2)}, true),
            (Told{"append 4", "append 6", "opened", "append 7", "append 8"}));
  expect_log(1, 8);
}

TEST_F(RoomSyncTest, BeginsAnewBehindAHoleThatIsGone) {
  open(3);
  live(test_batch("A", 7));
  EXPECT_EQ(page({}, true), (Told{"opened", "append 7"}));
  expect_log(7, 7);
}

TEST_F(RoomSyncTest, KeepsOfAHoleWhatIsStillThere) {
  open(3);
  live(test_batch("A", 7));
  EXPECT_EQ(page({test_batch("A", 6)}, true), (Told{"append 6", "opened", "append 7"}));
  expect_log(6, 7);
}

TEST_F(RoomSyncTest, FillsASecondHoleThatCameWhileItReadTheFirst) {
  open(1);
  EXPECT_EQ(live(test_batch("A", 3)), Told{"read 2-2"});
  live(test_batch("A", 5));
  live(test_batch("A", 6));
  EXPECT_EQ(page({test_batch("A", 2)}, true), (Told{"append 2", "opened", "append 3", "read 4-4"}));
  EXPECT_EQ(page({test_batch("A", 4)}, true), (Told{"append 4", "opened", "append 5", "append 6"}));
}

TEST_F(RoomSyncTest, LooksAgainWhereTheStashOverflowed) {
  open(1);
  live(test_batch("A", 3));  // a hole: from now on they wait
  std::uint64_t seq = 4;
  for (std::size_t bytes = 0; bytes < RoomSync::kStashBytesMax; bytes += 1024 * 1024) {
    live(test_batch("A", seq++, 1, {}, 1024 * 1024));
  }
  EXPECT_EQ(page({test_batch("A", 2)}, true), (Told{"append 2", "opened", "settle"}));
  EXPECT_EQ(settled({"A", seq - 1, "", 0}), Told{fmt::format("read 3-{}", seq - 1)});
}

TEST_F(RoomSyncTest, LooksAgainWhereItIsSubscribedAnew) {
  open(3);
  EXPECT_EQ(subscribed(), Told{"settle"});
  EXPECT_EQ(settled({"A", 3, "", 0}), Told{"opened"});
}

TEST_F(RoomSyncTest, LooksAgainWhereItIsSubscribedAnewWhileItAsked) {
  open(3);
  recheck();
  EXPECT_TRUE(subscribed().empty());  // what is under way may have been answered before
  EXPECT_EQ(settled({"A", 3, "", 0}), (Told{"opened", "settle"}));
  EXPECT_EQ(settled({"A", 4, "", 0}), Told{"read 4-4"});
  EXPECT_TRUE(subscribed().empty());
  EXPECT_EQ(page({test_batch("A", 4)}, true), (Told{"append 4", "opened", "settle"}));
}

TEST_F(RoomSyncTest, ComparesWithRedisWhenAskedTo) {
  open(3);
  EXPECT_EQ(recheck(), Told{"settle"});
  EXPECT_EQ(settled({"A", 5, "", 0}), Told{"read 4-5"});
  EXPECT_EQ(page({test_batch("A", 4, 2)}, true), (Told{"append 4", "opened"}));
  expect_log(1, 5);
}

// Between two pages the room was evicted and began anew: what stands at the old places is other
// messages, and nothing in them says so where an order may still live from before.
TEST_F(RoomSyncTest, APageOfAnotherEpochIsNotTaken) {
  start();
  subscribed();
  settled({"B", 9, "A", 8});
  EXPECT_EQ(page_of("B", {test_batch("B", 9)}, false), Told{"read 1-8"});
  EXPECT_EQ(page_of("C", {test_batch("C", 8)}, true), Told{"settle"});
  EXPECT_EQ(settled({"C", 8, "", 0}), Told{"read 1-8"});
  page_of("C", {test_batch("C", 8)}, true);
  expect_log(8, 8);
}

TEST_F(RoomSyncTest, BeginsAgainFromTheEpochAfterAFailure) {
  start();
  subscribed();
  EXPECT_EQ(retry(), Told{"settle"});
  settled({"A", 9, "", 0});
  page({test_batch("A", 9)}, false);
  EXPECT_EQ(retry(), Told{"settle"});
  EXPECT_EQ(settled({"A", 9, "", 0}), Told{"read 1-9"});
  page({test_batch("A", 8, 2)}, true);
  expect_log(8, 9);
  EXPECT_TRUE(retry().empty());
}

TEST_F(RoomSyncTest, KeepsWhatItHasThroughAnOutage) {
  open(3);
  sync_.lost();
  EXPECT_TRUE(sync_.opened());
  expect_log(1, 3);
  EXPECT_EQ(sync_.trim_id(), 0U);
  EXPECT_TRUE(live(test_batch("A", 4)).empty());  // the read that follows will have it
  EXPECT_TRUE(subscribed().empty());
  EXPECT_TRUE(recheck().empty());
  EXPECT_EQ(start(), Told{"subscribe"});
  EXPECT_EQ(subscribed(), Told{"settle"});
  EXPECT_EQ(settled({"A", 4, "", 0}), Told{"read 4-4"});
  EXPECT_EQ(page({test_batch("A", 4)}, true), (Told{"append 4", "opened"}));
}

TEST_F(RoomSyncTest, IgnoresAnswersOfBeforeALoss) {
  open(3);
  recheck();
  sync_.lost();
  EXPECT_TRUE(settled({"A", 9, "", 0}).empty());
  EXPECT_TRUE(page({test_batch("A", 4)}, true).empty());
  expect_log(1, 3);
}

TEST_F(RoomSyncTest, ContinuesAnEpochThatKeptAll) {
  open(3);
  EXPECT_EQ(settle_again({"B", 3, "A", 3}), Told{"new epoch"});
  expect_log(1, 3);
  EXPECT_EQ(live(test_batch("B", 4)), Told{"append 4"});
}

TEST_F(RoomSyncTest, ContinuesAnEpochThatHasGoneOn) {
  open(3);
  EXPECT_EQ(settle_again({"B", 6, "A", 5}), Told{"read 4-6"});
  EXPECT_EQ(page({test_batch("B", 6), test_batch("A", 4, 2)}, true), Told{"new epoch"});
  expect_log(1, 6);
}

TEST_F(RoomSyncTest, ForgetsWhatRedisHasLost) {
  open(5);
  EXPECT_EQ(settle_again({"B", 4, "A", 3}), Told{"read 1-4"});
  EXPECT_EQ(page({test_batch("B", 4)}, true), Told{"new epoch"});
  expect_log(1, 4);
  EXPECT_EQ(sync_.log().after(3).front()->epoch, "B");
}

TEST_F(RoomSyncTest, BeginsAnewInAnEpochThatContinuesAnotherOne) {
  open(5);
  EXPECT_EQ(settle_again({"C", 9, "B", 7}), Told{"read 1-9"});
  EXPECT_FALSE(sync_.opened());
  EXPECT_EQ(page({test_batch("C", 8, 2)}, true), Told{"new epoch"});
  expect_log(8, 9);
}

TEST_F(RoomSyncTest, TellsOfANewEpochAlsoAfterASecondLoss) {
  open(5);
  settle_again({"C", 9, "B", 7});
  settle_again({"C", 9, "B", 7});
  EXPECT_EQ(page({test_batch("C", 9)}, true), Told{"new epoch"});
  EXPECT_EQ(settle_again({"C", 9, "B", 7}), Told{"opened"});
}

TEST_F(RoomSyncTest, AsksWhatABatchOfAnotherEpochMeans) {
  open(3);
  EXPECT_EQ(live(test_batch("B", 4)), Told{"settle"});
  EXPECT_TRUE(live(test_batch("B", 5)).empty());
  EXPECT_EQ(settled({"B", 4, "A", 3}), Told{"read 4-4"});
  EXPECT_EQ(page({test_batch("B", 4)}, true), (Told{"new epoch", "append 5"}));
}

TEST_F(RoomSyncTest, DropsBatchesOfAnEpochThatIsOver) {
  open(3);
  live(test_batch("B", 4));
  live(test_batch("A", 4));  // Redis lost it: B's fourth is another
  EXPECT_EQ(settled({"B", 4, "A", 3}), Told{"read 4-4"});
  EXPECT_EQ(page({test_batch("B", 4)}, true), (Told{"new epoch", "settle"}));
  EXPECT_EQ(settled({"B", 4, "A", 3}), Told{"opened"});
  expect_log(1, 4);
}

TEST_F(RoomSyncTest, DoesNotTakeAnotherOrdersMessagesForItsOwn) {
  open(3);
  live(test_batch("A", 7));
  // The room's meta went, and B counts from one again.
  EXPECT_EQ(page_of("B", {test_batch("B", 4, 3)}, true), Told{"settle"});
  EXPECT_EQ(settled({"B", 6, "", 0}), Told{"read 1-6"});
  EXPECT_EQ(page({test_batch("B", 4, 3), test_batch("B", 1, 3)}, true), Told{"new epoch"});
  expect_log(1, 6);
}

TEST_F(RoomSyncTest, KnowsWhatItWasAckedInItsEpochAlone) {
  open(3);
  EXPECT_EQ(sync_.seen(), 3U);
  sync_.acked("A", 5);
  sync_.acked("A", 4);
  sync_.acked("B", 9);
  EXPECT_EQ(sync_.seen(), 5U);
  EXPECT_EQ(sync_.state().seq, 3U);
  settle_again({"B", 4, "A", 4});
  EXPECT_EQ(sync_.seen(), 3U);  // until the fourth is read
}

TEST_F(RoomSyncTest, TrimsByItsRulesAndSaysWhereTheStreamMayBeCut) {
  const HistoryRules rules{2, std::chrono::seconds(0), 1024 * 1024};
  RoomSync sync(rules);
  SyncActions out;
  sync.start(out);
  sync.subscribed(out);
  sync.settled({"A", 0, "", 0}, out);
  for (std::uint64_t seq = 1; seq <= 5; ++seq) {
    sync.live(test_batch("A", seq, 1, WallTime{1}), WallTime{2}, out);
  }
  EXPECT_EQ(sync.first_seq(), 4U);
  EXPECT_EQ(sync.trim_id(), 4U);
}

// A server's log is trimmed from its front; that of a Redis which went back ends, and begins,
// before.
TEST_F(RoomSyncTest, TheHistoryOfARedisThatWentBackIsReadFromItsStart) {
  start();
  subscribed();
  settled({"A", 5, "", 0});
  page({test_batch("A", 5), test_batch("A", 4)}, true);
  ASSERT_EQ(sync_.first_seq(), 4U);
  recheck();
  EXPECT_EQ(settled({"B", 3, "A", 3}), Told{"read 1-3"});
  EXPECT_EQ(sync_.trim_id(), 0U);
  EXPECT_EQ(page({test_batch("A", 3), test_batch("A", 2), test_batch("A", 1)}, true),
            Told{"new epoch"});
  EXPECT_EQ(sync_.first_seq(), 1U);
  EXPECT_EQ(sync_.trim_id(), 1U);
}

TEST_F(RoomSyncTest, WhatIsLeftOfALogIsKeptWhereRedisHasLess) {
  open(5);
  recheck();
  EXPECT_EQ(settled({"B", 3, "A", 3}), Told{"read 1-3"});
  EXPECT_EQ(page({test_batch("A", 3)}, true), Told{"new epoch"});
  EXPECT_EQ(sync_.first_seq(), 1U);
  EXPECT_EQ(sync_.state().seq, 3U);
}

}  // namespace
}  // namespace spillway::room
