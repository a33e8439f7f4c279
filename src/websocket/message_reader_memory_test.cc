// What a reader keeps, counted by the allocator.
#include <gtest/gtest.h>

#include "base/testing/allocations.h"
#include "websocket/message_reader.h"
#include "websocket/testing/recorded_events.h"

namespace spillway::websocket {
namespace {

constexpr ReaderOptions kServer{.message_bytes_max = 1 << 20};

std::string frame(unsigned first, std::string_view payload) {
  std::string out;
  append_masked_frame(out, Opcode::kText, payload, 0x01020304);
  out[0] = static_cast<char>(first);
  return out;
}

// Feeds until NeedMore; how many events there were.
int feed(MessageReader& reader, std::string& bytes) {
  std::span<char> input(bytes);
  int events = 0;
  while (!std::holds_alternative<NeedMore>(reader.next(input, nullptr))) ++events;
  return events;
}

TEST(MessageReaderMemory, IsSmallBetweenMessages) {
  EXPECT_LE(sizeof(MessageReader), 64U);
  EXPECT_TRUE(MessageReader(kServer).idle());
}

TEST(MessageReaderMemory, DeliversAWholeFrameWhereItLiesWithoutAllocating) {
  MessageReader reader(kServer);
  std::string bytes = frame(0x81, "Hello") + frame(0x89, "ping");
  std::span<char> input(bytes);
  const std::size_t before = spillway::testing::allocations();
  const Event first = reader.next(input, nullptr);
  const Event second = reader.next(input, nullptr);
  EXPECT_EQ(spillway::testing::allocations(), before);
  ASSERT_TRUE(std::holds_alternative<Message>(first));
  ASSERT_TRUE(std::holds_alternative<Ping>(second));
  EXPECT_EQ(std::get<Message>(first).payload.data(), bytes.data() + 6);
  EXPECT_EQ(std::get<Ping>(second).payload.data(), bytes.data() + 11 + 6);
  EXPECT_TRUE(std::holds_alternative<NeedMore>(reader.next(input, nullptr)));
  EXPECT_TRUE(reader.idle());
}

TEST(MessageReaderMemory, IsFreedWithItsMessage) {
  MessageReader reader(kServer);
  const std::string whole = frame(0x01, std::string(5000, 'a')) + frame(0x89, "ping") +
                            frame(0x80, std::string(5000, 'b'));
  std::string first = whole;
  feed(reader, first);  // simdjson allocates its choice of implementation, once
  for (const std::size_t cut : {1, 5, 6, 100, 5008, 5010, 5020, 5025, 9000}) {
    std::string head = whole.substr(0, cut);
    std::string tail = whole.substr(cut);
    const std::size_t before = spillway::testing::allocated_bytes();
    int events = feed(reader, head);
    const std::size_t begun = spillway::testing::allocated_bytes();
    const bool begun_idle = reader.idle();
    events += feed(reader, tail);
    const std::size_t after = spillway::testing::allocated_bytes();
    EXPECT_FALSE(begun_idle);
    EXPECT_GT(begun, before);
    EXPECT_TRUE(reader.idle());
    EXPECT_EQ(after, before);
    EXPECT_EQ(events, 2);
  }
}

TEST(MessageReaderMemory, FollowsWhatArrivedNotWhatWasDeclared) {
  MessageReader reader(kServer);
  const std::string whole = frame(0x81, std::string(1 << 20, 'a'));
  std::size_t arrived = 0;
  const std::size_t before = spillway::testing::allocated_bytes();
  while (arrived < 200'000) {
    std::string piece = whole.substr(arrived, 1000);
    arrived += piece.size();
    feed(reader, piece);
    EXPECT_LE(spillway::testing::allocated_bytes() - before, 2 * arrived + 4096);
  }
}

TEST(MessageReaderMemory, IsFreedByAFailure) {
  MessageReader reader(kServer);
  std::string begun = frame(0x01, "begun");
  std::string bad = frame(0x83, "");
  const std::size_t before = spillway::testing::allocated_bytes();
  feed(reader, begun);
  EXPECT_EQ(feed(reader, bad), 1);
  EXPECT_EQ(spillway::testing::allocated_bytes(), before);
}

}  // namespace
}  // namespace spillway::websocket
