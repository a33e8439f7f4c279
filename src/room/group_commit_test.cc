#include "room/group_commit.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace spillway::room {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kStart{std::chrono::hours(1)};

Outgoing message(int number, TimePoint accepted = kStart, std::size_t bytes = 20) {
  return {{0, 0, 0}, std::to_string(number), std::string(bytes, 'x'), accepted};
}

std::vector<std::string> ids(const std::vector<Outgoing>& messages) {
  std::vector<std::string> found;
  for (const Outgoing& m : messages) found.push_back(m.id);
  return found;
}

GroupCommit with_messages(int from, int to, TimePoint accepted = kStart) {
  GroupCommit commit;
  for (int i = from; i < to; ++i) commit.add(message(i, accepted));
  return commit;
}

TEST(GroupCommit, IsIdleUntilAMessageComes) {
  GroupCommit commit;
  EXPECT_TRUE(commit.idle());
  EXPECT_EQ(commit.due(), std::nullopt);
  EXPECT_EQ(commit.in_flight(), nullptr);
  commit.add(message(1));
  EXPECT_FALSE(commit.idle());
  EXPECT_EQ(commit.waiting(), 1U);
}

TEST(GroupCommit, SendsTheFirstMessageAtOnce) {
  GroupCommit commit = with_messages(0, 1);
  ASSERT_TRUE(commit.due());
  EXPECT_LE(*commit.due(), kStart);
  const auto& batch = commit.begin(9, kStart);
  EXPECT_EQ(batch.number, 9U);
  EXPECT_FALSE(batch.handed);
  EXPECT_FALSE(batch.sending);
  EXPECT_EQ(ids(batch.messages), std::vector<std::string>{"0"});
  EXPECT_EQ(commit.waiting(), 0U);
  EXPECT_FALSE(commit.idle());
}

TEST(GroupCommit, HasOneBatchInFlightAndCollectsTheNext) {
  GroupCommit commit = with_messages(0, 1);
  commit.begin(1, kStart);
  for (int i = 1; i < 5; ++i) commit.add(message(i));
  EXPECT_EQ(commit.due(), std::nullopt);
  EXPECT_EQ(ids(commit.in_flight()->messages), std::vector<std::string>{"0"});
  EXPECT_EQ(ids(commit.finish()), std::vector<std::string>{"0"});
  EXPECT_EQ(commit.in_flight(), nullptr);
  EXPECT_EQ(ids(commit.begin(2, kStart + seconds(1)).messages),
            (std::vector<std::string>{"1", "2", "3", "4"}));
  commit.finish();
  EXPECT_TRUE(commit.idle());
}

TEST(GroupCommit, BeginsBatchesAtLeastFiveMillisecondsApart) {
  GroupCommit commit = with_messages(0, 1);
  commit.begin(1, kStart);
  commit.add(message(1));
  commit.finish();
  EXPECT_EQ(commit.due(), kStart + milliseconds(5));
}

TEST(GroupCommit, BatchesAtMost512Messages) {
  GroupCommit commit = with_messages(0, 1000);
  EXPECT_EQ(commit.begin(1, kStart).messages.size(), 512U);
  EXPECT_EQ(commit.waiting(), 488U);
  commit.finish();
  const auto& rest = commit.begin(2, kStart + seconds(1));
  EXPECT_EQ(rest.messages.size(), 488U);
  EXPECT_EQ(rest.messages.front().id, "512");
  EXPECT_EQ(rest.messages.back().id, "999");
}

TEST(GroupCommit, BatchesAtMost256KiBWithTheNewlines) {
  GroupCommit commit;
  for (int i = 0; i < 300; ++i) commit.add(message(i, kStart, 1023));
  EXPECT_EQ(commit.begin(1, kStart).messages.size(), 256U);
  commit.finish();
  GroupCommit one_byte_more;
  for (int i = 0; i < 300; ++i) one_byte_more.add(message(i, kStart, i == 3 ? 1024 : 1023));
  EXPECT_EQ(one_byte_more.begin(1, kStart).messages.size(), 255U);
}

TEST(GroupCommit, SendsAMessageBeyondTheLimitAlone) {
  GroupCommit commit;
  commit.add(message(0, kStart, 300 * 1024));
  commit.add(message(1));
  EXPECT_EQ(commit.begin(1, kStart).messages.size(), 1U);
  EXPECT_EQ(commit.waiting(), 1U);
}

TEST(GroupCommit, ExpiresWhatWaitedTooLongInOrder) {
  GroupCommit commit;
  for (int i = 0; i < 4; ++i) commit.add(message(i, kStart + seconds(i)));
  EXPECT_TRUE(commit.take_expired(kStart).empty());
  EXPECT_EQ(ids(commit.take_expired(kStart + seconds(2))), (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(commit.waiting(), 2U);
  EXPECT_EQ(ids(commit.begin(1, kStart + seconds(9)).messages),
            (std::vector<std::string>{"2", "3"}));
}

TEST(GroupCommit, ExpiresABatchThatRedisWasNeverHanded) {
  GroupCommit commit = with_messages(0, 2);
  commit.begin(1, kStart);
  commit.add(message(2));
  EXPECT_EQ(ids(commit.take_expired(kStart + seconds(1))),
            (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_TRUE(commit.idle());
}

TEST(GroupCommit, KeepsTheYoungMessagesOfAnExpiredBatch) {
  GroupCommit commit;
  commit.add(message(0, kStart));
  commit.add(message(1, kStart + seconds(5)));
  commit.begin(7, kStart + seconds(5));
  EXPECT_EQ(ids(commit.take_expired(kStart + seconds(1))), std::vector<std::string>{"0"});
  ASSERT_NE(commit.in_flight(), nullptr);
  EXPECT_EQ(commit.in_flight()->number, 7U);
  EXPECT_EQ(ids(commit.in_flight()->messages), std::vector<std::string>{"1"});
}

TEST(GroupCommit, NeverExpiresABatchThatRedisMayHave) {
  for (const bool handed : {true, false}) {
    GroupCommit commit = with_messages(0, 2);
    auto& batch = commit.begin(1, kStart);
    (handed ? batch.handed : batch.sending) = true;
    commit.add(message(2));
    EXPECT_EQ(ids(commit.take_expired(kStart + seconds(100))), std::vector<std::string>{"2"});
    ASSERT_NE(commit.in_flight(), nullptr);
    EXPECT_EQ(commit.in_flight()->messages.size(), 2U);
  }
}

TEST(GroupCommit, KeepsOrderOverManyBatches) {
  GroupCommit commit;
  int added = 0;
  int published = 0;
  TimePoint now = kStart;
  for (std::uint64_t round = 1; round <= 200; ++round) {
    for (int i = 0; i < 37; ++i) commit.add(message(added++, now));
    now += milliseconds(5);
    ASSERT_LE(*commit.due(), now);
    commit.begin(round, now);
    for (int i = 0; i < 5; ++i) commit.add(message(added++, now));
    for (const Outgoing& m : commit.finish()) ASSERT_EQ(m.id, std::to_string(published++));
  }
  EXPECT_EQ(static_cast<std::size_t>(added - published), commit.waiting());
}

TEST(GroupCommitDeathTest, RefusesASecondBatchInFlight) {
  GroupCommit commit = with_messages(0, 1);
  commit.begin(1, kStart);
  commit.add(message(1));
  EXPECT_DEATH(commit.begin(2, kStart + seconds(1)), "invariant");
}

}  // namespace
}  // namespace spillway::room
