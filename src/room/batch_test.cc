#include "room/batch.h"

#include <gtest/gtest.h>

namespace spillway::room {
namespace {

BatchPtr made(std::string_view lines, std::uint32_t count, WallTime now) {
  protocol::BatchView view;
  view.header = {"epoch", 41, count, "server", 7};
  view.lines = lines;
  return make_batch(view, now);
}

TEST(MakeBatch, OwnsWhatTheViewOnlyPointsAt) {
  std::string lines = R"({"ts":5,"message":"a"})";
  const BatchPtr batch = made(lines, 1, WallTime{10});
  lines.assign(lines.size(), '-');
  EXPECT_EQ(batch->lines, R"({"ts":5,"message":"a"})");
  EXPECT_EQ(batch->epoch, "epoch");
  EXPECT_EQ(batch->first_seq, 41U);
  EXPECT_EQ(batch->count, 1U);
  EXPECT_EQ(batch->last_seq(), 41U);
}

TEST(MakeBatch, IsAsYoungAsItsLastMessage) {
  const BatchPtr batch = made(
      "{\"ts\":5,\"message\":\"a\"}\n{\"id\":\"x\",\"ts\":9,\"message\":\"b\"}", 2, WallTime{50});
  EXPECT_EQ(batch->newest, WallTime{9});
  EXPECT_EQ(batch->last_seq(), 42U);
}

TEST(MakeBatch, IsOfNowWhereItsLastMessageHasNoTime) {
  EXPECT_EQ(made(R"({"message":"a"})", 1, WallTime{50})->newest, WallTime{50});
}

TEST(MakeBatch, IsOfNowWhereItsTimeIsInTheFuture) {
  EXPECT_EQ(made(R"({"ts":51,"message":"a"})", 1, WallTime{50})->newest, WallTime{50});
}

}  // namespace
}  // namespace spillway::room
