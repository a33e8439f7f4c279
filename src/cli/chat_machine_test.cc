#include "cli/chat_machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The machine with what it did last.
class Chat {
 public:
  explicit Chat(const std::string& server = "ws://one") {
    ChatSettings settings;
    settings.server = server;
    settings.name = "ada";
    settings.random = [] { return 0.5; };
    settings.new_id = [n = 0]() mutable { return "id" + std::to_string(++n); };
    machine_.emplace(std::move(settings));
  }

  Chat& feed(const ChatEvent& event) {
    effects_ = machine_->step(event);
    return *this;
  }
  Chat& hear(const protocol::ServerEvent& event) { return feed(Heard{event}); }

  // Through connecting and registering, at position (e, `seq`).
  Chat& join(std::uint64_t seq = 10) {
    feed(Started{});
    feed(Opened{});
    return hear(registered("e", seq));
  }
  static protocol::RegisteredEvent registered(std::string_view epoch, std::uint64_t seq,
                                              std::optional<bool> recovered = {}) {
    return {"lobby", epoch, seq, recovered, 3};
  }
  static protocol::ChatEvent chat(std::uint64_t seq, std::string_view text,
                                  std::string_view id = "") {
    return {seq, id, text, std::nullopt, "bob"};
  }

  template <typename Effect>
  std::vector<Effect> all() const {
    std::vector<Effect> found;
    for (const ChatEffect& effect : effects_) {
      if (const auto* one = std::get_if<Effect>(&effect)) found.push_back(*one);
    }
    return found;
  }
  std::vector<std::string> sent() const {
    std::vector<std::string> texts;
    for (const SendText& send : all<SendText>()) texts.push_back(send.text);
    return texts;
  }
  std::vector<std::string> connects() const {
    std::vector<std::string> urls;
    for (const Connect& connect : all<Connect>()) urls.push_back(connect.url);
    return urls;
  }
  // Messages and notes, as they are shown.
  std::vector<std::string> shown() const {
    std::vector<std::string> lines;
    for (const ChatEffect& effect : effects_) {
      if (const auto* message = std::get_if<ShowMessage>(&effect)) lines.push_back(message->text);
      if (const auto* note = std::get_if<ShowNote>(&effect)) lines.push_back(note->text);
    }
    return lines;
  }
  std::optional<milliseconds> armed(ChatTimer timer) const {
    std::optional<milliseconds> delay;
    for (const Arm& arm : all<Arm>()) {
      if (arm.timer == timer) delay = arm.delay;
    }
    return delay;
  }
  std::optional<int> left() const {
    const auto leaves = all<Leave>();
    return leaves.empty() ? std::nullopt : std::optional<int>(leaves.front().exit_code);
  }
  bool wants_input() const { return machine_->wants_input(); }

 private:
  std::optional<ChatMachine> machine_;
  ChatEffects effects_;
};

protocol::ErrorEvent error(protocol::ErrorCode code, std::string_view id,
                           std::optional<std::uint64_t> retry_after = {}) {
  return {protocol::wire_name(code), code, "sorry", retry_after, id};
}

TEST(ChatMachine, AsksTheBalancerUnlessItWasGivenAServer) {
  EXPECT_EQ(Chat("").feed(Started{}).all<FindServer>().size(), 1U);
  EXPECT_THAT(Chat().feed(Started{}).connects(), ElementsAre("ws://one"));
  EXPECT_THAT(Chat("").feed(Found{"ws://two"}).connects(), ElementsAre("ws://two"));
}

TEST(ChatMachine, RegistersWithHistoryOnceConnected) {
  Chat chat;
  chat.feed(Started{});
  chat.feed(Opened{});
  EXPECT_THAT(chat.sent(),
              ElementsAre(R"({"type":"register","payload":{"chatId":"lobby","history":10}})"));
  EXPECT_EQ(chat.armed(ChatTimer::kSilence), seconds(40));
}

TEST(ChatMachine, TheFirstFailureEndsItWithASentenceThatNamesTheFlag) {
  Chat chat("");
  chat.feed(Started{});
  chat.feed(Lost{"refused", 0, true});
  EXPECT_EQ(chat.left(), 1);
  EXPECT_THAT(chat.all<Leave>()[0].why, HasSubstr("--balancer: refused"));
  EXPECT_THAT(chat.all<Say>(), IsEmpty());
  Chat with_server;
  with_server.feed(Started{});
  EXPECT_THAT(with_server.feed(Lost{"refused", 0, true}).all<Leave>()[0].why,
              HasSubstr("--server: refused"));
}

TEST(ChatMachine, ShowsEachMessageOnceBySeqAndById) {
  Chat chat;
  chat.join(10);
  EXPECT_THAT(chat.hear(Chat::chat(11, "a", "x")).shown(), ElementsAre("a"));
  EXPECT_THAT(chat.hear(Chat::chat(11, "a", "x")).shown(), IsEmpty());  // both connections had it
  EXPECT_THAT(chat.hear(Chat::chat(12, "a", "x")).shown(), IsEmpty());  // its sender repeated it
  EXPECT_THAT(chat.hear(Chat::chat(13, "b")).shown(), ElementsAre("b"));
}

TEST(ChatMachine, RemembersTheLastThousandIds) {
  Chat chat;
  chat.join(0);
  for (std::uint64_t seq = 1; seq <= 1001; ++seq) {
    chat.hear(Chat::chat(seq, "m", "n" + std::to_string(seq)));
  }
  EXPECT_THAT(chat.hear(Chat::chat(1002, "again", "n2")).shown(), IsEmpty());
  EXPECT_THAT(chat.hear(Chat::chat(1003, "long ago", "n1")).shown(), ElementsAre("long ago"));
}

TEST(ChatMachine, SendsOneLineAfterTheOtherWasAnswered) {
  Chat chat;
  chat.feed(Started{});
  EXPECT_THAT(chat.feed(Typed{"one"}).sent(), IsEmpty());
  chat.feed(Typed{"two"});
  chat.feed(Opened{});
  EXPECT_THAT(
      chat.hear(Chat::registered("e", 0)).sent(),
      ElementsAre(
          R"({"type":"chat","payload":{"message":"one","id":"id1","data":{"name":"ada"}}})"));
  EXPECT_THAT(chat.hear(protocol::AckEvent{"lobby", "other", 1}).sent(), IsEmpty());
  EXPECT_THAT(chat.hear(protocol::AckEvent{"lobby", "id1", 1}).sent(),
              ElementsAre(HasSubstr("two")));
}

TEST(ChatMachine, LeavesAtTheEndOfInputOnceAllIsAcknowledged) {
  Chat chat;
  chat.join();
  chat.feed(Typed{"one"});
  EXPECT_EQ(chat.feed(InputEnded{}).armed(ChatTimer::kLinger), std::nullopt);
  EXPECT_TRUE(chat.hear(protocol::AckEvent{"lobby", "id1", 11}).armed(ChatTimer::kLinger));
  chat.feed(Elapsed{ChatTimer::kLinger});
  EXPECT_EQ(chat.left(), 0);
  EXPECT_EQ(chat.all<Disconnect>().size(), 1U);
}

TEST(ChatMachine, ALineThatIsRefusedIsSaidAndMakesTheExitCodeOne) {
  Chat chat;
  chat.join();
  chat.feed(Typed{"one"});
  chat.feed(Typed{"two"});
  chat.hear(error(protocol::ErrorCode::kMessageTooLong, "id1"));
  EXPECT_EQ(chat.all<Say>()[0].text, "not sent: sorry");
  EXPECT_THAT(chat.sent(), ElementsAre(HasSubstr("two")));
  chat.feed(InputEnded{});
  chat.hear(protocol::AckEvent{"lobby", "id2", 11});
  EXPECT_EQ(chat.feed(Elapsed{ChatTimer::kLinger}).left(), 1);
}

TEST(ChatMachine, ARateLimitedLineIsRepeatedUnderItsIdAfterTheTimeSaid) {
  Chat chat;
  chat.join();
  chat.feed(Typed{"one"});
  chat.hear(error(protocol::ErrorCode::kRateLimited, "id1", 1200));
  EXPECT_EQ(chat.armed(ChatTimer::kResend), milliseconds(1200));
  EXPECT_EQ(chat.all<Say>()[0].text, "sorry; again in 1.2 s");
  EXPECT_THAT(chat.feed(Typed{"two"}).sent(), IsEmpty());
  EXPECT_THAT(chat.feed(Elapsed{ChatTimer::kResend}).sent(),
              ElementsAre(testing::AllOf(HasSubstr("one"), HasSubstr("id1"))));
}

TEST(ChatMachine, ComesBackWithFullJitterAndResumesAndRepeatsWhatWasNotAnswered) {
  Chat chat;
  chat.join(10);
  chat.feed(Typed{"one"});
  chat.hear(Chat::chat(11, "a"));
  chat.feed(Lost{"gone", 1006, true});
  EXPECT_EQ(chat.armed(ChatTimer::kRetry), milliseconds(125));
  EXPECT_THAT(chat.feed(Elapsed{ChatTimer::kRetry}).connects(), ElementsAre("ws://one"));
  EXPECT_EQ(chat.feed(Lost{"refused", 0, true}).armed(ChatTimer::kRetry), milliseconds(250));
  chat.feed(Elapsed{ChatTimer::kRetry});
  EXPECT_THAT(chat.feed(Opened{}).sent(),
              ElementsAre(HasSubstr(R"("since":{"epoch":"e","seq":11})")));
  chat.hear(Chat::registered("e", 11, true));
  EXPECT_THAT(chat.sent(), ElementsAre(HasSubstr(R"("id":"id1")")));
  EXPECT_THAT(chat.shown(), IsEmpty());
}

TEST(ChatMachine, TellsWhatIsGoneAfterAResume) {
  Chat chat;
  chat.join(10);
  EXPECT_THAT(chat.hear(Chat::registered("e", 50, false)).shown(),
              ElementsAre("(40 messages skipped)"));
  EXPECT_THAT(chat.hear(Chat::registered("f", 5, false)).shown(),
              ElementsAre(HasSubstr("began anew")));
  EXPECT_THAT(chat.hear(Chat::registered("g", 5, true)).shown(), IsEmpty());
  EXPECT_THAT(chat.hear(Chat::chat(6, "b")).shown(), ElementsAre("b"));
}

TEST(ChatMachine, AGapMovesThePosition) {
  Chat chat;
  chat.join(10);
  EXPECT_THAT(chat.hear(protocol::GapEvent{11, 20}).shown(), ElementsAre("(10 messages skipped)"));
  EXPECT_THAT(chat.hear(Chat::chat(20, "late")).shown(), IsEmpty());
  EXPECT_THAT(chat.hear(Chat::chat(21, "next")).shown(), ElementsAre("next"));
}

TEST(ChatMachine, FollowsAHandOverOnceItsLineIsAnswered) {
  Chat chat;
  chat.join(10);
  chat.feed(Typed{"one"});
  chat.hear(protocol::RedistributeEvent{"new-wss", "ws://two", 350});
  EXPECT_EQ(chat.armed(ChatTimer::kMove), milliseconds(350));
  EXPECT_THAT(chat.feed(Typed{"two"}).sent(), IsEmpty());
  EXPECT_THAT(chat.feed(Elapsed{ChatTimer::kMove}).connects(), IsEmpty());
  chat.hear(protocol::AckEvent{"lobby", "id1", 11});
  EXPECT_EQ(chat.all<Disconnect>().size(), 1U);
  EXPECT_THAT(chat.connects(), ElementsAre("ws://two"));
  EXPECT_THAT(chat.feed(Opened{}).sent(), ElementsAre(HasSubstr(R"("since")")));
  EXPECT_THAT(chat.hear(Chat::registered("e", 10, true)).sent(), ElementsAre(HasSubstr("two")));
}

TEST(ChatMachine, AHandOverWithoutTargetAsksTheBalancer) {
  Chat chat("");
  chat.feed(Started{});
  chat.feed(Found{"ws://one"});
  chat.feed(Opened{});
  chat.hear(Chat::registered("e", 10));
  chat.hear(protocol::RedistributeEvent{"new-wss", std::nullopt, 0});
  EXPECT_EQ(chat.feed(Elapsed{ChatTimer::kMove}).all<FindServer>().size(), 1U);
}

TEST(ChatMachine, SilenceIsALoss) {
  Chat chat;
  chat.join();
  EXPECT_EQ(chat.hear(protocol::ViewersEvent{4}).armed(ChatTimer::kSilence), seconds(40));
  chat.feed(Elapsed{ChatTimer::kSilence});
  EXPECT_EQ(chat.all<Disconnect>().size(), 1U);
  EXPECT_TRUE(chat.armed(ChatTimer::kRetry));
}

TEST(ChatMachine, ACloseThatForbidsToComeBackEndsIt) {
  Chat chat;
  chat.join();
  EXPECT_EQ(chat.feed(Lost{"banned", 4502, false}).left(), 1);
}

TEST(ChatMachine, ALineTooLongForTheServerIsDroppedAndTheRestGoesOn) {
  Chat chat;
  chat.join();
  chat.feed(Typed{"long"});
  chat.feed(Typed{"two"});
  chat.feed(Lost{"closed", 1009, false});
  EXPECT_EQ(chat.left(), std::nullopt);
  chat.feed(Elapsed{ChatTimer::kRetry});
  chat.feed(Opened{});
  EXPECT_THAT(chat.hear(Chat::registered("e", 10, true)).sent(), ElementsAre(HasSubstr("two")));
}

TEST(ChatMachine, GivesUpWhenTheInputHasEndedAndTheServerStaysAway) {
  Chat chat;
  chat.join();
  chat.feed(Typed{"one"});
  chat.feed(InputEnded{});
  EXPECT_EQ(chat.feed(Lost{"gone", 1006, true}).armed(ChatTimer::kGiveUp), seconds(30));
  chat.feed(Elapsed{ChatTimer::kGiveUp});
  EXPECT_EQ(chat.left(), 1);
  EXPECT_THAT(chat.all<Leave>()[0].why, HasSubstr("1 lines were not acknowledged"));
}

TEST(ChatMachine, ARoomThatCannotBeReadYetIsAskedForAgain) {
  Chat chat;
  chat.feed(Started{});
  chat.feed(Opened{});
  chat.hear(error(protocol::ErrorCode::kUnavailable, ""));
  EXPECT_TRUE(chat.armed(ChatTimer::kResend));
  EXPECT_THAT(chat.feed(Elapsed{ChatTimer::kResend}).sent(), ElementsAre(HasSubstr("register")));
}

TEST(ChatMachine, TakesNoMoreInputThanItKeeps) {
  Chat chat;
  chat.join();
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(chat.wants_input());
    chat.feed(Typed{"x"});
  }
  EXPECT_FALSE(chat.wants_input());
  chat.hear(protocol::AckEvent{"lobby", "id1", 11});
  EXPECT_TRUE(chat.wants_input());
}

TEST(ChatMachine, DoesNothingAfterItHasLeft) {
  Chat chat;
  chat.join();
  chat.feed(Lost{"banned", 4502, false});
  for (const ChatEvent& event : std::vector<ChatEvent>{Started{}, Opened{}, Typed{"x"},
                                                       InputEnded{}, Elapsed{ChatTimer::kRetry}}) {
    chat.feed(event);
    EXPECT_THAT(chat.sent(), IsEmpty());
    EXPECT_THAT(chat.connects(), IsEmpty());
    EXPECT_EQ(chat.left(), std::nullopt);
  }
}

}  // namespace
}  // namespace spillway::cli
