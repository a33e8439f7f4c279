#include "load/viewer.h"

#include <gtest/gtest.h>

#include <algorithm>

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
constexpr Author kUs{1, 1};
constexpr std::string_view kRoom = "chat-room-1";

std::string frame(std::string_view text) {
  std::string out;
  websocket::append_frame(out, websocket::Opcode::kText, text);
  return out;
}

std::string registered(std::uint64_t seq, std::optional<bool> recovered = std::nullopt,
                       std::string_view epoch = "e", std::string_view room = kRoom) {
  std::string text;
  protocol::append_registered(text, {room, epoch, seq, recovered, 1});
  return frame(text);
}

// Due as many milliseconds after kBegin as its seq.
std::string load_text(std::uint64_t seq) {
  const TimePoint due = kBegin + milliseconds(seq);
  return write_load_text({kUs, due, static_cast<std::uint32_t>(seq)}, 40);
}

std::string chat(std::uint64_t seq) {
  std::string line;
  protocol::append_message_line(line, "id", 1, load_text(seq), {});
  std::string text;
  protocol::append_chat(text, seq, line);
  return frame(text);
}

// As a server of the plain protocol says it.
std::string plain_chat(std::uint64_t number) {
  return frame(R"({"type":"chat","message":")" + load_text(number) + R"("})");
}

std::string gap(std::uint64_t from, std::uint64_t to) {
  std::string text;
  protocol::append_gap(text, from, to);
  return frame(text);
}

std::string redistribute(std::string_view url) {
  std::string text;
  protocol::append_redistribute(text, "new-wss", url, 350);
  return frame(text);
}

// A crowd of two rooms whose viewers are connected by hand.
class ViewerTest : public ::testing::Test {
 protected:
  explicit ViewerTest(bool resume = true)
      : board_(*Board::create(1, 2)), crowd_(board_, 0, 2, kUs, manners(resume), 1) {
    crowd_.window = {kBegin, kBegin + std::chrono::hours(1)};
  }

  static Manners manners(bool resume) {
    Manners manners;
    manners.resume = resume;
    manners.fixed_url = "ws://a:1";
    return manners;
  }

  Viewer newcomer() { return Viewer(0, crowd_.rooms[0], false); }

  // Up to the register, which it returns.
  std::string upgrade(Viewer& viewer, unsigned link) {
    viewer.connect(link, "a:1", "/", now_, crowd_);
    const std::string request(viewer.out(link));
    const std::size_t key = request.find("Sec-WebSocket-Key: ") + 19;
    viewer.written(link, request.size());
    feed(viewer, link,
         "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
             websocket::accept_value(request.substr(key, 24)) + "\r\n\r\n");
    return said(viewer, link);
  }

  Viewer join(std::uint64_t position) {
    Viewer viewer = newcomer();
    viewer.come(crowd_);
    upgrade(viewer, 0);
    feed(viewer, 0, registered(position));
    EXPECT_EQ(viewer.state(), Viewer::State::kWatching);
    crowd_.actions.clear();
    return viewer;
  }

  void feed(Viewer& viewer, unsigned link, std::string bytes) {
    viewer.receive(link, bytes, now_, crowd_);
  }
  void feed(Viewer& viewer, std::string bytes) { feed(viewer, 0, std::move(bytes)); }

  // What it has to say on a connection, unmasked; then it counts as written.
  std::string said(Viewer& viewer, unsigned link) {
    std::string bytes(viewer.out(link));
    if (!bytes.empty()) viewer.written(link, bytes.size());
    websocket::ReaderOptions options;
    options.message_bytes_max = 64 * 1024;
    websocket::MessageReader reader(options);
    std::span<char> input(bytes);
    std::string text;
    while (!input.empty()) {
      const websocket::Event event = reader.next(input, nullptr);
      if (const auto* message = std::get_if<websocket::Message>(&event)) {
        text.append(message->payload.data(), message->payload.size()) += '\n';
      }
    }
    return text;
  }

  template <typename What>
  std::vector<What> wanted() {
    std::vector<What> found;
    for (const Action& action : std::exchange(crowd_.actions, {})) {
      if (const auto* what = std::get_if<What>(&action.what)) found.push_back(*what);
    }
    return found;
  }

  std::uint64_t counted(Metric metric) const { return crowd_.tally->get(metric); }
  Histogram latency() const {
    Histogram histogram;
    crowd_.tally->latency.add_to(histogram);
    return histogram;
  }

  Board board_;
  Crowd crowd_;
  TimePoint now_ = kBegin + milliseconds(100);
};

TEST_F(ViewerTest, CountsWhatComesHoweverItIsCut) {
  std::string bytes = chat(1) + chat(2) + frame(R"({"type":"viewers","payload":{"viewers":3}})");
  bytes += chat(3) + chat(4);
  std::uint64_t times = 0;
  for_each_cut(bytes, [&](const Pieces& pieces) {
    Viewer viewer = join(0);
    for (const std::string& piece : pieces) feed(viewer, piece);
    EXPECT_EQ(viewer.missing(crowd_), 0U);
    EXPECT_EQ(counted(Metric::kDeliveries), 4 * ++times);
  });
  EXPECT_EQ(latency().count(), 4 * times);
  EXPECT_NEAR(to_ms(latency().max()), 99, 0.01) << "counted from when it was due";
  for (const Metric metric :
       {Metric::kDuplicates, Metric::kOutOfOrder, Metric::kGaps, Metric::kFailures}) {
    EXPECT_EQ(counted(metric), 0U);
  }
}

TEST_F(ViewerTest, FindsAMessageThatTheOthersGot) {
  Viewer complete = join(0);
  Viewer holed = join(0);
  Viewer behind = join(0);
  feed(complete, chat(1) + chat(2) + chat(3));
  feed(holed, chat(1) + chat(3));
  feed(behind, chat(1));
  EXPECT_EQ(complete.missing(crowd_), 0U);
  EXPECT_EQ(holed.missing(crowd_), 1U);
  EXPECT_EQ(holed.holes(), 1U);
  EXPECT_EQ(behind.missing(crowd_), 2U);
  EXPECT_EQ(behind.holes(), 0U) << "it may still come";
}

TEST_F(ViewerTest, FindsRepeatsAndSwapsAmongKnownFrames) {
  Viewer first = join(0);
  feed(first, chat(1) + chat(2) + chat(3));
  Viewer second = join(0);
  feed(second, chat(1) + chat(1) + chat(3) + chat(2));
  EXPECT_EQ(counted(Metric::kDuplicates), 1U);
  EXPECT_EQ(counted(Metric::kOutOfOrder), 1U);
  EXPECT_EQ(second.missing(crowd_), 0U);
}

TEST_F(ViewerTest, CountsAGapAsLost) {
  Viewer viewer = join(5);
  feed(viewer, gap(6, 9) + chat(10));
  EXPECT_EQ(counted(Metric::kGaps), 1U);
  EXPECT_EQ(counted(Metric::kGapMessages), 4U);
  EXPECT_EQ(viewer.missing(crowd_), 4U);
}

TEST_F(ViewerTest, MeasuresOnlyWhatWasDueInTheWindowByThisProcess) {
  crowd_.window = {kBegin + milliseconds(2), kBegin + milliseconds(4)};
  Viewer viewer = join(0);
  feed(viewer, chat(1) + chat(2) + chat(3) + chat(4));
  EXPECT_EQ(counted(Metric::kDeliveries), 4U);
  EXPECT_EQ(latency().count(), 2U);
  EXPECT_EQ(counted(Metric::kDeliveriesInWindow), 0U) << "it is over";
  const std::string others = write_load_text({{kUs.run, 2}, kBegin + milliseconds(3), 5}, 40);
  feed(viewer, frame(R"({"type":"chat","seq":5,"message":")" + others + R"("})"));
  EXPECT_EQ(counted(Metric::kDeliveries), 5U);
  EXPECT_EQ(latency().count(), 2U) << "another process has another clock";
}

TEST_F(ViewerTest, AnswersPingsAndOwnsNoBufferOnceTheyAreWritten) {
  Viewer viewer = join(0);
  std::string ping;
  websocket::append_frame(ping, websocket::Opcode::kPing, "hi");
  feed(viewer, ping);
  EXPECT_EQ(viewer.out(0).size(), 2U + 4U + 2U);
  viewer.written(0, 1);
  EXPECT_EQ(viewer.out(0).size(), 7U);
  viewer.written(0, 7);
  EXPECT_TRUE(viewer.out(0).empty());
}

TEST_F(ViewerTest, ComesBackWithItsPositionAndKeepsWhatItWasNotGiven) {
  Viewer viewer = join(0);
  feed(viewer, chat(1) + chat(3));
  viewer.say(kBegin, crowd_);
  const std::string unanswered = said(viewer, 0);
  EXPECT_NE(unanswered.find(R"("type":"chat")"), std::string::npos);

  viewer.lost(0, "reset", crowd_);
  EXPECT_EQ(viewer.state(), Viewer::State::kWaiting);
  const auto wakes = wanted<Wake>();
  ASSERT_EQ(wakes.size(), 1U);
  EXPECT_LE(wakes[0].after, milliseconds(500)) << "full jitter";
  viewer.woke(wakes[0].alarm, crowd_);
  EXPECT_EQ(wanted<Connect>().at(0).url, "ws://a:1");
  EXPECT_NE(upgrade(viewer, 0).find(R"("since":{"epoch":"e","seq":3})"), std::string::npos);
  feed(viewer, registered(3, true) + chat(4));
  EXPECT_EQ(said(viewer, 0), unanswered) << "under the same id";
  EXPECT_EQ(viewer.missing(crowd_), 1U);
  EXPECT_EQ(counted(Metric::kConnects), 1U);
  EXPECT_EQ(counted(Metric::kReconnects), 1U);
  EXPECT_EQ(counted(Metric::kSent), 1U);
  EXPECT_EQ(counted(Metric::kRepeated), 1U);
}

TEST_F(ViewerTest, CountsWhatAResumeDidNotBringBack) {
  Viewer viewer = join(0);
  feed(viewer, chat(1));
  viewer.lost(0, "reset", crowd_);
  viewer.woke(Alarm::kRetry, crowd_);
  upgrade(viewer, 0);
  feed(viewer, registered(5, false) + chat(6));
  EXPECT_EQ(viewer.missing(crowd_), 4U);
  EXPECT_EQ(counted(Metric::kGaps), 1U);
  EXPECT_EQ(counted(Metric::kGapMessages), 4U);
}

TEST_F(ViewerTest, DoesNotKnowWhatAnotherEpochHeld) {
  Viewer viewer = join(7);
  feed(viewer, registered(2, false, "f") + chat(3));
  EXPECT_EQ(counted(Metric::kUnrecovered), 1U);
  EXPECT_EQ(viewer.missing(crowd_), 0U);
}

TEST_F(ViewerTest, IsHandedOverWithoutALossAndLeavesOnceItIsAnswered) {
  Viewer viewer = join(0);
  feed(viewer, chat(1));
  viewer.say(kBegin, crowd_);
  const std::string first = said(viewer, 0);
  feed(viewer, redistribute("ws://b:2"));
  const auto wakes = wanted<Wake>();
  ASSERT_EQ(wakes.size(), 1U);
  EXPECT_EQ(wakes[0].after, milliseconds(350));
  viewer.woke(Alarm::kMove, crowd_);
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
  const std::string id = first.substr(first.find(R"("id":")") + 6, 7);
  feed(viewer, 0,
       frame(R"({"type":"ack","payload":{"chatId":"chat-room-1","id":")" + id + R"(","seq":5}})"));
  EXPECT_EQ(wanted<Drop>().at(0).link, 0);
  EXPECT_NE(said(viewer, 1), "");
  EXPECT_EQ(counted(Metric::kRedistributed), 1U);
  EXPECT_EQ(counted(Metric::kReconnects), 0U);
  feed(viewer, 1, chat(5) + chat(5));
  EXPECT_EQ(counted(Metric::kDuplicates), 1U) << "on one connection it must not";
}

TEST_F(ViewerTest, GoesOnWhereItIsIfTheOtherServerIsNotThere) {
  Viewer viewer = join(0);
  feed(viewer, redistribute("ws://b:2"));
  viewer.woke(Alarm::kMove, crowd_);
  viewer.connect(1, "b:2", "/", now_, crowd_);
  viewer.lost(1, "refused", crowd_);
  feed(viewer, 0, chat(1));
  EXPECT_EQ(viewer.state(), Viewer::State::kWatching);
  EXPECT_EQ(counted(Metric::kDeliveries), 1U);
}

TEST_F(ViewerTest, TakesTheNewConnectionIfTheOldOneEndsFirst) {
  Viewer viewer = join(0);
  feed(viewer, redistribute("ws://b:2"));
  viewer.woke(Alarm::kMove, crowd_);
  upgrade(viewer, 1);
  viewer.lost(0, "closed", crowd_);
  EXPECT_EQ(viewer.state(), Viewer::State::kJoining);
  feed(viewer, 1, registered(0, true) + chat(1));
  EXPECT_EQ(viewer.state(), Viewer::State::kWatching);
  EXPECT_EQ(counted(Metric::kReconnects), 1U);
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

TEST_F(ViewerTest, StaysAwayIfItIsTold) {
  Viewer viewer = join(0);
  std::string close;
  websocket::append_close(close, 4503, "abuse");
  feed(viewer, close + chat(1));
  EXPECT_EQ(viewer.state(), Viewer::State::kGone);
  EXPECT_EQ(counted(Metric::kClosed), 1U);
  EXPECT_EQ(crowd_.tally->problem.get(), "closed with 4503 abuse");
  EXPECT_EQ(counted(Metric::kDeliveries), 0U);
}

TEST_F(ViewerTest, ALeaverMissesNothingThatCameAfterwards) {
  Viewer viewer = join(0);
  Viewer other = join(0);
  feed(viewer, chat(1));
  viewer.leave(crowd_);
  feed(other, chat(1) + chat(2) + chat(3));
  EXPECT_EQ(viewer.missing(crowd_), 0U);
  EXPECT_EQ(counted(Metric::kLeft), 1U);
  EXPECT_EQ(wanted<Drop>().size(), 1U);
}

TEST_F(ViewerTest, HasOnlySoManyMessagesUnanswered) {
  Viewer viewer = join(0);
  for (int i = 0; i < 70; ++i) viewer.say(kBegin, crowd_);
  EXPECT_EQ(viewer.unanswered(), 64U);
  EXPECT_EQ(counted(Metric::kSent), 64U);
  EXPECT_EQ(counted(Metric::kUnsent), 6U);
}

TEST_F(ViewerTest, ARefusedMessageIsAnswered) {
  Viewer viewer = join(0);
  viewer.say(kBegin, crowd_);
  const std::string message = said(viewer, 0);
  const std::string id = message.substr(message.find(R"("id":")") + 6, 7);
  feed(viewer,
       frame(R"({"type":"error","payload":{"code":"rate_limited","message":"slow down","id":")" +
             id + R"("}})"));
  EXPECT_EQ(viewer.unanswered(), 0U);
  EXPECT_EQ(counted(Metric::kRefused), 1U);
  EXPECT_EQ(viewer.state(), Viewer::State::kWatching);
}

TEST_F(ViewerTest, StaysSmall) {
  EXPECT_LE(sizeof(Viewer), 128U);
  EXPECT_LE(sizeof(Link), 128U);
}

// A server that knows neither seq nor registered nor ids.
class PlainViewerTest : public ViewerTest {
 protected:
  PlainViewerTest() : ViewerTest(false) {}

  Viewer come() {
    Viewer viewer = newcomer();
    viewer.come(crowd_);
    EXPECT_EQ(upgrade(viewer, 0),
              "{\"type\":\"register\",\"payload\":{\"chatId\":\"chat-room-1\"}}\n");
    EXPECT_EQ(viewer.state(), Viewer::State::kWatching);
    return viewer;
  }
};

TEST_F(PlainViewerTest, SaysMessagesWithoutIdAndExpectsNoAnswer) {
  Viewer viewer = come();
  viewer.say(kBegin, crowd_);
  const std::string message = said(viewer, 0);
  EXPECT_NE(message, "");
  EXPECT_EQ(message.find(R"("id")"), std::string::npos);
  EXPECT_EQ(viewer.unanswered(), 0U);
}

TEST_F(PlainViewerTest, FindsWhatIsMissingOrDoubledByOurOwnNumbers) {
  Viewer talker = come();
  Viewer viewer = come();
  for (int i = 0; i < 5; ++i) talker.say(kBegin, crowd_);
  feed(viewer, plain_chat(1) + plain_chat(3) + plain_chat(3) + plain_chat(2));
  EXPECT_EQ(counted(Metric::kDeliveries), 3U);
  EXPECT_EQ(counted(Metric::kDuplicates), 1U);
  EXPECT_EQ(counted(Metric::kOutOfOrder), 0U) << "nobody promised an order";
  EXPECT_EQ(viewer.missing(crowd_), 2U) << "four and five";
}

}  // namespace
}  // namespace spillway::load
