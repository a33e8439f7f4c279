#include "room/room_rings.h"

#include <gtest/gtest.h>

#include <string>

#include "room/test_batches.h"

namespace spillway::room {
namespace {

RoomSnapshot snapshot_of(std::vector<BatchPtr> batches, std::uint64_t seq) {
  RoomSnapshot snapshot;
  snapshot.room = "lobby";
  snapshot.state.epoch = "e";
  snapshot.state.seq = seq;
  snapshot.first_seq = batches.empty() ? seq + 1 : batches.front()->first_seq;
  snapshot.batches = std::move(batches);
  return snapshot;
}

std::string all_of(const Ring& ring) {
  std::string all;
  for (const std::string_view piece : ring.bytes(ring.first_seq(), ring.next_seq())) all += piece;
  return all;
}

class RoomRingsTest : public ::testing::Test {
 protected:
  void SetUp() override { rings_.load(snapshot_of({test_batch("e", 5, 3)}, 7)); }

  RoomRings rings_;
};

TEST_F(RoomRingsTest, AtRestHoldNothingAndKnowWhereTheyStand) {
  ASSERT_FALSE(rings_.resting());
  rings_.rest(test_batch("e", 5, 3));
  EXPECT_TRUE(rings_.resting());
  EXPECT_EQ(rings_.first_seq(), 5U);
  EXPECT_EQ(rings_.next_seq(), 8U);
  rings_.drop_before(6);
  EXPECT_EQ(rings_.first_seq(), 5U) << "cut at whole batches";
  rings_.drop_before(8);
  EXPECT_EQ(rings_.first_seq(), 8U);
  EXPECT_EQ(rings_.next_seq(), 8U);
}

TEST_F(RoomRingsTest, AreTheSameAfterARest) {
  for (const WireForm form : {WireForm::kPlain, WireForm::kCoalesced}) {
    const std::string before = all_of(rings_.ring(form));
    rings_.rest(test_batch("e", 5, 3));
    EXPECT_EQ(all_of(rings_.ring(form)), before);
    EXPECT_FALSE(rings_.resting());
    EXPECT_EQ(rings_.rest_log, nullptr);
  }
}

TEST_F(RoomRingsTest, WakeForWhatComes) {
  rings_.rest(test_batch("e", 5, 3));
  EXPECT_FALSE(rings_.append(*test_batch("e", 7))) << "it was there";
  EXPECT_TRUE(rings_.resting());
  EXPECT_TRUE(rings_.append(*test_batch("e", 8)));
  EXPECT_EQ(rings_.first_seq(), 5U);
  EXPECT_EQ(rings_.next_seq(), 9U);
  EXPECT_NE(rings_.plain, nullptr);
  rings_.rest(test_batch("e", 5, 4));
  rings_.load(snapshot_of({}, 20));
  EXPECT_EQ(rings_.first_seq(), 21U);
  EXPECT_EQ(rings_.next_seq(), 21U);
}

TEST_F(RoomRingsTest, RestWithoutALog) {
  rings_.rest(nullptr);
  EXPECT_EQ(rings_.first_seq(), 8U);
  EXPECT_TRUE(rings_.append(*test_batch("e", 8)));
  EXPECT_EQ(rings_.first_seq(), 8U);
  EXPECT_EQ(rings_.next_seq(), 9U);
}

// Something came between: the hub says it again.
TEST_F(RoomRingsTest, DoNotRestOnAnotherLog) {
  rings_.rest(test_batch("e", 5, 2));
  EXPECT_FALSE(rings_.resting());
  RoomRings closed;
  closed.rest(nullptr);
  EXPECT_FALSE(closed.resting());
}

}  // namespace
}  // namespace spillway::room
