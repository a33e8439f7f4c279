#include "load/testing/viewer_fixture.h"
#include "websocket/testing/pieces.h"

namespace spillway::load::testing {
namespace {

using std::chrono::milliseconds;
using websocket::testing::for_each_cut;
using websocket::testing::Pieces;

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

TEST_F(ViewerTest, ReadsEveryMessageOfTheCoalescedForm) {
  const auto object = [](std::uint64_t seq) {
    return R"({"type":"chat","seq":)" + std::to_string(seq) + R"(,"message":")" + load_text(seq) +
           "\"}";
  };
  const std::string both = frame('[' + object(1) + ',' + object(2) + ']');
  Viewer first = join(0);
  feed(first, both);
  Viewer second = join(0);
  feed(second, both);
  EXPECT_EQ(counted(Metric::kDeliveries), 4U);
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
  EXPECT_LE(ring(viewer).after, milliseconds(500)) << "full jitter";
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
  ring(viewer);
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

TEST_F(ViewerTest, StaysAwayIfItIsTold) {
  Viewer viewer = join(0);
  feed(viewer, close_frame(4503, "abuse") + chat(1));
  EXPECT_EQ(viewer.state(), Viewer::State::kGone);
  EXPECT_EQ(counted(Metric::kClosed), 1U);
  EXPECT_EQ(crowd_.tally->problem.get(), "closed with 4503 abuse");
  EXPECT_EQ(counted(Metric::kDeliveries), 0U);
}

TEST_F(ViewerTest, WhoIsToldToStayAwayIsTakenApart) {
  Viewer viewer = join(0);
  Viewer other = join(0);
  feed(viewer, chat(1) + chat(3));
  viewer.say(kBegin, crowd_);
  begin_handover(viewer);
  upgrade(viewer, 1);
  feed(viewer, 0, close_frame(4503, "abuse"));
  EXPECT_EQ(viewer.state(), Viewer::State::kGone);
  EXPECT_EQ(wanted<Drop>().size(), 2U) << "both of its connections";
  EXPECT_EQ(viewer.unanswered(), 0U) << "nobody waits for its answers";
  feed(other, chat(1) + chat(2) + chat(3) + chat(4));
  EXPECT_EQ(viewer.missing(crowd_), 0U) << "nor for what it does not get any more";
  EXPECT_EQ(counted(Metric::kLeftMissing), 1U);
}

TEST_F(ViewerTest, ComesBackAfterTheCodesThatAllowIt) {
  for (const std::uint16_t code : {1000, 1001, 1011, 4000, 4499}) {
    Viewer viewer = join(0);
    feed(viewer, close_frame(code, ""));
    EXPECT_EQ(viewer.state(), Viewer::State::kWaiting) << code;
  }
  for (const std::uint16_t code : {1002, 1009, 4500, 4999}) {
    Viewer viewer = join(0);
    feed(viewer, close_frame(code, ""));
    EXPECT_EQ(viewer.state(), Viewer::State::kGone) << code;
  }
}

TEST_F(ViewerTest, WordsOfStrangersAreHarmlessForATerminal) {
  Viewer viewer = join(0);
  feed(viewer, close_frame(4503, "\x1b[2Jbye"));
  EXPECT_EQ(crowd_.tally->problem.get(), "closed with 4503 \uFFFD[2Jbye");
}

TEST_F(ViewerTest, AnEpochThatBeginsLowerIsARoomOfItsOwn) {
  Viewer old = join(0);
  feed(old, chat(1) + chat(2) + chat(3) + chat(4) + chat(5));
  Viewer viewer = join(1, "f");
  feed(old, chat(6) + chat(7));
  EXPECT_EQ(viewer.missing(crowd_), 0U) << "what comes of the old epoch is none of the new one";
  EXPECT_EQ(crowd_.rooms[0].transcript.find(3), nullptr);
  feed(viewer, chat(2) + chat(3));
  EXPECT_NE(crowd_.rooms[0].transcript.find(3), nullptr) << "others compare with the new ones";
  EXPECT_EQ(viewer.missing(crowd_), 0U);
}

TEST_F(ViewerTest, AnAlarmOfAnEarlierLifeDoesNotRing) {
  Viewer viewer = join(0);
  viewer.lost(0, "reset", crowd_);
  const Wake old = wanted<Wake>().at(0);
  viewer.leave(crowd_);
  viewer.come(crowd_);
  upgrade(viewer, 0);
  feed(viewer, registered(0));
  viewer.lost(0, "reset", crowd_);
  const Wake current = wanted<Wake>().at(0);
  ring(viewer, old);
  EXPECT_TRUE(wanted<Connect>().empty());
  ring(viewer, current);
  EXPECT_EQ(wanted<Connect>().size(), 1U);
}

TEST_F(ViewerTest, WhatASlowOneMissesIsNoLossWhenItLeaves) {
  Viewer viewer = join(0, "e", true);
  feed(viewer, chat(1) + gap(2, 4) + chat(9));
  viewer.leave(crowd_);
  EXPECT_EQ(counted(Metric::kLeftMissing), 0U);
  EXPECT_EQ(counted(Metric::kSlowSkipped), 3U);
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
  feed(viewer, refusal("rate_limited", id_in(said(viewer, 0))));
  EXPECT_EQ(viewer.unanswered(), 0U);
  EXPECT_EQ(counted(Metric::kRefused), 1U);
  EXPECT_EQ(viewer.state(), Viewer::State::kWatching);
}

TEST_F(ViewerTest, StaysSmall) {
  EXPECT_LE(sizeof(Viewer), 128U);
  EXPECT_LE(sizeof(Link), 128U);
}

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

TEST_F(PlainViewerTest, MissesAllOfAServerThatDeliversNothing) {
  Viewer talker = come();
  Viewer viewer = come();
  for (int i = 0; i < 5; ++i) talker.say(kBegin, crowd_);
  EXPECT_EQ(viewer.missing(crowd_), 5U);
}

TEST_F(PlainViewerTest, KeepsOnlySoMuchForAServerThatDoesNotRead) {
  Viewer viewer = come();
  for (int i = 0; i < 5000; ++i) viewer.say(kBegin, crowd_);
  EXPECT_LE(viewer.out(0).size(), Viewer::kMessageBytesMax + 200);
  EXPECT_GT(counted(Metric::kSent), 100U);
  EXPECT_EQ(counted(Metric::kSent) + counted(Metric::kUnsent), 5000U);
}

// Each WebSocket message is lines, of which each is a chat message.
class Lines : public Dialect {
 public:
  bool binary() const override { return false; }
  std::string enter(std::string_view /*room*/) const override { return "enter"; }
  std::string say(std::string_view /*room*/, std::string_view message) const override {
    return std::string(message);
  }
  std::string hear(std::string& /*rest*/, std::string_view text,
                   const std::function<void(std::string_view)>& heard) const override {
    const std::string before(text);
    for (std::size_t at = 0; at < before.size();) {
      const std::size_t end = before.find('\n', at);
      heard(text.substr(at, end - at));
      EXPECT_EQ(text, before) << "what it reads must stay";
      at = end + 1;
    }
    return {};
  }
};

class DialectTest : public ViewerTest {
 protected:
  DialectTest() : ViewerTest(manners(lines_)) {}

  static Manners manners(const Dialect& dialect) {
    Manners manners = ViewerTest::manners(false);
    manners.dialect = &dialect;
    return manners;
  }

  inline static const Lines lines_{};
};

TEST_F(DialectTest, WhatBreaksTheConnectionDoesNotTakeTheTextAway) {
  Viewer viewer = newcomer();
  viewer.come(crowd_);
  EXPECT_EQ(upgrade(viewer, 0), "enter\n");
  const std::string good = R"({"type":"chat","message":")" + load_text(1) + "\"}\n";
  // In two frames, so that the text stands in the connection's own buffer.
  std::string bytes;
  websocket::append_frame(bytes, websocket::Opcode::kText, good);
  websocket::append_frame(bytes, websocket::Opcode::kContinuation, "no JSON\n" + good);
  bytes[0] = static_cast<char>(websocket::Opcode::kText);  // not the last one
  feed(viewer, bytes);
  EXPECT_EQ(viewer.state(), Viewer::State::kWaiting);
  EXPECT_EQ(crowd_.tally->problem.get(), "a message that is no JSON object");
}

}  // namespace
}  // namespace spillway::load::testing
