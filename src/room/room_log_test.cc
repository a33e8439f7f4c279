#include "room/room_log.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "room/test_batches.h"

namespace spillway::room {
namespace {

const HistoryRules kRules{200, std::chrono::seconds(60), 8 * 1024 * 1024};

// Batches of `count` messages one after the other, from seq 1 on, at `times`.
RoomLog log_of(std::uint32_t count, const std::vector<std::int64_t>& times,
               std::size_t line_bytes = 40) {
  RoomLog log;
  std::uint64_t seq = 1;
  for (const std::int64_t ms : times) {
    log.append(test_batch("e", seq, count, WallTime{ms}, line_bytes));
    seq += count;
  }
  return log;
}

TEST(RoomLog, HoldsConsecutiveBatches) {
  const RoomLog log = log_of(3, {0, 0, 0});
  EXPECT_EQ(log.first_seq(), 1U);
  EXPECT_EQ(log.last_seq(), 9U);
  EXPECT_EQ(log.bytes(), 3 * (3 * 40U + 2));
}

TEST(RoomLog, BeginsAnewAtABatchThatDoesNotFollow) {
  RoomLog log = log_of(3, {0, 0, 0});
  log.append(test_batch("e", 11, 2));
  EXPECT_EQ(log.first_seq(), 11U);
  EXPECT_EQ(log.last_seq(), 12U);
  EXPECT_EQ(log.bytes(), 81U);
}

TEST(RoomLog, GivesTheBatchesThatHoldWhatComesAfterAPosition) {
  const RoomLog log = log_of(3, {0, 0, 0});  // 1-3, 4-6, 7-9
  EXPECT_EQ(log.after(0).size(), 3U);
  EXPECT_EQ(log.after(2).size(), 3U);  // 3 is still wanted
  EXPECT_EQ(log.after(3).size(), 2U);
  EXPECT_EQ(log.after(3).front()->first_seq, 4U);
  EXPECT_EQ(log.after(8).size(), 1U);
  EXPECT_TRUE(log.after(9).empty());
  EXPECT_TRUE(RoomLog().after(0).empty());
}

TEST(RoomLog, ForgetsWhatCameAfterAPosition) {
  RoomLog log = log_of(3, {0, 0, 0});
  log.truncate_after(6);
  EXPECT_EQ(log.last_seq(), 6U);
  EXPECT_EQ(log.bytes(), 2 * 122U);
  log.truncate_after(6);
  EXPECT_EQ(log.last_seq(), 6U);
  log.truncate_after(0);
  EXPECT_TRUE(log.empty());
  EXPECT_EQ(log.bytes(), 0U);
}

TEST(RoomLog, KeepsTheNewestMessagesHoweverOldTheyAre) {
  std::vector<std::int64_t> times(300, 0);
  RoomLog log = log_of(1, times);
  log.trim(kRules, WallTime{1'000'000});
  EXPECT_EQ(log.first_seq(), 101U);
  log.append(test_batch("e", 301, 1, WallTime{1'000'000}));
  log.trim(kRules, WallTime{1'000'000});
  EXPECT_EQ(log.first_seq(), 102U);
}

TEST(RoomLog, CutsOnlyWholeBatches) {
  RoomLog log = log_of(30, std::vector<std::int64_t>(10, 0));  // 300 messages
  log.trim(kRules, WallTime{1'000'000});
  EXPECT_EQ(log.first_seq(), 91U);  // 210 are left; without another batch only 180 would be
}

TEST(RoomLog, KeepsWhatIsYoungerThanTheWindowHoweverMuchItIs) {
  std::vector<std::int64_t> times(1000);
  std::iota(times.begin(), times.end(), 0);  // one a millisecond
  RoomLog log = log_of(1, times);
  log.trim(kRules, WallTime{60'000});
  EXPECT_EQ(log.first_seq(), 1U);  // exactly at the window's edge
  log.trim(kRules, WallTime{60'010});
  EXPECT_EQ(log.first_seq(), 11U);
}

TEST(RoomLog, KeepsAtMostTheBytesAllowedHoweverYoungTheyAre) {
  RoomLog log = log_of(1, std::vector<std::int64_t>(100, 1000), 1000);
  log.trim({200, std::chrono::seconds(60), 10'500}, WallTime{1000});
  EXPECT_EQ(log.first_seq(), 91U);
  EXPECT_EQ(log.bytes(), 10'000U);
  log.trim({200, std::chrono::seconds(60), 999}, WallTime{1000});
  EXPECT_TRUE(log.empty());
}

TEST(RoomLog, GoesOnAfterItWasTrimmedEmpty) {
  RoomLog log = log_of(1, {0, 0});
  log.trim({0, std::chrono::seconds(0), 100}, WallTime{1});
  EXPECT_TRUE(log.empty());
  log.append(test_batch("e", 3));
  EXPECT_EQ(log.first_seq(), 3U);
}

TEST(RoomLog, OfAQuietRoomIsOneBatch) {
  RoomLog log = log_of(2, {5, 7, 9});
  ASSERT_TRUE(log.join(kRules));
  ASSERT_EQ(log.after(0).size(), 1U);
  const Batch& all = *log.only();
  EXPECT_EQ(all.epoch, "e");
  EXPECT_EQ(all.first_seq, 1U);
  EXPECT_EQ(all.count, 6U);
  EXPECT_EQ(all.newest, WallTime{9});
  EXPECT_EQ(all.lines, test_batch("e", 1, 6)->lines);
  EXPECT_EQ(log.bytes(), all.lines.size());
  ASSERT_TRUE(log.join(kRules));
  EXPECT_EQ(log.only().get(), &all);
  log.append(test_batch("e", 7));
  EXPECT_EQ(log.after(6).size(), 1U);
}

TEST(RoomLog, IsJoinedOnlyWhereNothingWouldBeCut) {
  EXPECT_TRUE(log_of(1, std::vector<std::int64_t>(200, 0)).join(kRules));
  EXPECT_FALSE(log_of(1, std::vector<std::int64_t>(201, 0)).join(kRules));
  EXPECT_FALSE(log_of(1, {0, 0}, RoomLog::kJoinBytesMax / 2).join(kRules));
  EXPECT_FALSE(log_of(1, {0}, RoomLog::kJoinBytesMax + 1).join(kRules));
  EXPECT_TRUE(RoomLog().join(kRules));
}

// Redis went back to between two batches that are one here.
TEST(RoomLog, ForgetsAPartOfWhatWasJoined) {
  RoomLog log = log_of(2, {5, 7, 9});
  ASSERT_TRUE(log.join(kRules));
  log.truncate_after(4);
  EXPECT_EQ(log.last_seq(), 4U);
  EXPECT_EQ(log.only()->lines, test_batch("e", 1, 4)->lines);
  EXPECT_EQ(log.bytes(), log.only()->lines.size());
  log.append(test_batch("e", 5, 2));
  log.trim({2, std::chrono::seconds(0), 8 * 1024 * 1024}, WallTime{1'000'000});
  EXPECT_EQ(log.first_seq(), 5U) << "its messages are counted";
}

}  // namespace
}  // namespace spillway::room
