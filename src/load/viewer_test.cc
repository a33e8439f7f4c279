#include "load/viewer.h"

#include <gtest/gtest.h>

#include "load/due_text.h"
#include "protocol/message_line.h"
#include "protocol/server_message.h"
#include "websocket/accept_key.h"
#include "websocket/testing/pieces.h"

namespace spillway::load {
namespace {

using std::chrono::milliseconds;
using websocket::testing::for_each_cut;
using websocket::testing::Pieces;

constexpr TimePoint kBegin{std::chrono::seconds(100)};

std::string frame(std::string_view text) {
  std::string out;
  websocket::append_frame(out, websocket::Opcode::kText, text);
  return out;
}

std::string registered(std::uint64_t seq) {
  std::string text;
  protocol::append_registered(text, {"chat-room-1", "e", seq, std::nullopt, 1});
  return frame(text);
}

// Due as many milliseconds after kBegin as its seq.
std::string chat(std::uint64_t seq) {
  std::string line;
  const TimePoint due = kBegin + milliseconds(seq);
  protocol::append_message_line(line, "id", 1, due_text(due, 40), {});
  std::string text;
  protocol::append_chat(text, seq, line);
  return frame(text);
}

std::string gap(std::uint64_t from, std::uint64_t to) {
  std::string text;
  protocol::append_gap(text, from, to);
  return frame(text);
}

// A crowd of one room whose viewers are connected by hand.
class ViewerTest : public ::testing::Test {
 protected:
  ViewerTest() {
    crowd_.tally.window_begin = kBegin;
    crowd_.tally.window_end = kBegin + std::chrono::hours(1);
  }

  Viewer join(std::uint64_t position) {
    Viewer viewer(crowd_.rooms[0], "localhost:1");
    const std::string request(viewer.out());
    const std::size_t key = request.find("Sec-WebSocket-Key: ") + 19;
    viewer.written(request.size());
    feed(viewer,
         "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
             websocket::accept_value(request.substr(key, 24)) + "\r\n\r\n");
    EXPECT_EQ(viewer.state(), Viewer::State::kRegistering);
    feed(viewer, registered(position));
    EXPECT_EQ(viewer.state(), Viewer::State::kWatching);
    return viewer;
  }

  void feed(Viewer& viewer, std::string bytes) { viewer.receive(bytes, now_, crowd_); }

  const Tally& tally() const { return crowd_.tally; }

  Crowd crowd_{1};
  TimePoint now_ = kBegin + milliseconds(100);
};

TEST_F(ViewerTest, CountsWhatComesHoweverItIsCut) {
  std::string bytes = chat(1) + chat(2) + frame(R"({"type":"viewers","payload":{"viewers":3}})");
  bytes += chat(3) + chat(4);
  std::uint64_t times = 0;
  for_each_cut(bytes, [&](const Pieces& pieces) {
    Viewer viewer = join(0);
    for (const std::string& piece : pieces) feed(viewer, piece);
    EXPECT_EQ(viewer.missing(), 0U);
    EXPECT_EQ(tally().deliveries, 4 * ++times);
  });
  EXPECT_EQ(tally().latency.count(), 4 * times);
  EXPECT_NEAR(to_ms(tally().latency.max()), 99, 0.01) << "counted from when it was due";
  EXPECT_EQ(tally().duplicates + tally().out_of_order + tally().gaps + tally().closed, 0U);
}

TEST_F(ViewerTest, FindsAMessageThatTheOthersGot) {
  Viewer complete = join(0);
  Viewer holed = join(0);
  Viewer behind = join(0);
  feed(complete, chat(1) + chat(2) + chat(3));
  feed(holed, chat(1) + chat(3));
  feed(behind, chat(1));
  EXPECT_EQ(complete.missing(), 0U);
  EXPECT_EQ(holed.missing(), 1U);
  EXPECT_EQ(behind.missing(), 2U);
}

TEST_F(ViewerTest, FindsRepeatsAndSwapsAmongKnownFrames) {
  Viewer first = join(0);
  feed(first, chat(1) + chat(2) + chat(3));
  Viewer second = join(0);
  feed(second, chat(1) + chat(1) + chat(3) + chat(2));
  EXPECT_EQ(tally().duplicates, 1U);
  EXPECT_EQ(tally().out_of_order, 1U);
  EXPECT_EQ(second.missing(), 0U);
}

TEST_F(ViewerTest, CountsAGapAsLost) {
  Viewer viewer = join(5);
  feed(viewer, gap(6, 9) + chat(10));
  EXPECT_EQ(tally().gaps, 1U);
  EXPECT_EQ(tally().gap_messages, 4U);
  EXPECT_EQ(viewer.missing(), 4U);
}

TEST_F(ViewerTest, MeasuresOnlyWhatWasDueInTheWindow) {
  crowd_.tally.window_begin = kBegin + milliseconds(2);
  crowd_.tally.window_end = kBegin + milliseconds(4);
  Viewer viewer = join(0);
  feed(viewer, chat(1) + chat(2) + chat(3) + chat(4));
  EXPECT_EQ(tally().deliveries, 4U);
  EXPECT_EQ(tally().latency.count(), 2U);
  EXPECT_EQ(tally().deliveries_in_window, 0U) << "it is over";
}

TEST_F(ViewerTest, AnswersPingsAndOwnsNoBufferOnceTheyAreWritten) {
  Viewer viewer = join(0);
  viewer.written(viewer.out().size());
  std::string ping;
  websocket::append_frame(ping, websocket::Opcode::kPing, "hi");
  feed(viewer, ping);
  EXPECT_EQ(viewer.out().size(), 2U + 4U + 2U);
  viewer.written(1);
  EXPECT_EQ(viewer.out().size(), 7U);
  viewer.written(7);
  EXPECT_TRUE(viewer.out().empty());
}

TEST_F(ViewerTest, IsGoneOnceItIsClosedAndSaysWhy) {
  Viewer viewer = join(0);
  std::string close;
  websocket::append_close(close, 4000, "slow viewer");
  feed(viewer, close + chat(1));
  EXPECT_EQ(viewer.state(), Viewer::State::kGone);
  EXPECT_EQ(tally().closed, 1U);
  EXPECT_EQ(tally().first_problem, "closed with 4000 slow viewer");
  EXPECT_EQ(tally().deliveries, 0U);
}

TEST_F(ViewerTest, StaysSmall) { EXPECT_LE(sizeof(Viewer), 192U); }

TEST(DueText, CarriesItsTimeAndTakesNoOther) {
  EXPECT_EQ(due_of(due_text(kBegin, 16)), kBegin);
  EXPECT_EQ(due_of(due_text(kBegin, 60)), kBegin);
  EXPECT_EQ(due_text(kBegin, 60).size(), 60U);
  EXPECT_FALSE(due_of("hello"));
  EXPECT_FALSE(due_of("hello, everybody in this room"));
}

}  // namespace
}  // namespace spillway::load
