#include "redis/subscriptions.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/overloaded.h"
#include "base/random.h"
#include "redis/command.h"
#include "redis/resp_reader.h"

namespace spillway::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Reply parsed(std::string_view resp) {
  RespReader reader;
  reader.feed(resp);
  auto reply = reader.next();
  EXPECT_TRUE(reply && reply->has_value());
  return **std::move(reply);
}

// A RESP command as its words.
std::vector<std::string> words(const Reply& command) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < command.size(); ++i) all.emplace_back(command[i].text());
  return all;
}

class SubscriptionsTest : public ::testing::Test {
 protected:
  void connect() { subscriptions_.connected(now_); }

  // The commands that the machine wants to write now, a space between the words.
  std::vector<std::string> taken() {
    std::string out;
    subscriptions_.take(out);
    RespReader reader;
    reader.feed(out);
    std::vector<std::string> commands;
    while (true) {
      auto reply = reader.next();
      if (!reply || !reply->has_value()) return commands;
      commands.push_back(fmt::format("{}", fmt::join(words(**reply), " ")));
    }
  }

  // What a push with these words means; "error: …" if the machine gives up.
  std::string told(const std::vector<std::string>& push) {
    std::string resp = fmt::format("*{}\r\n", push.size());
    for (const auto& word : push) resp += fmt::format("${}\r\n{}\r\n", word.size(), word);
    return told_resp(resp);
  }

  std::string told_resp(std::string_view resp) {
    const Reply reply = parsed(resp);
    const auto event = subscriptions_.receive(reply, now_);
    if (!event) return "error: " + event.error().message;
    return std::visit(
        overloaded{[](const Subscriptions::Nothing&) { return std::string(); },
                   [](const Subscriptions::Passed&) { return std::string("passed"); },
                   [](const Subscriptions::Subscribed& on) { return "on " + on.channel; },
                   [](const Subscriptions::Message& message) {
                     return fmt::format("{}: {}", message.channel, message.payload);
                   }},
        *event);
  }

  void subscribe_confirmed(const std::string& channel) {
    subscriptions_.subscribe(channel);
    EXPECT_THAT(taken(), ElementsAre("SUBSCRIBE " + channel));
    EXPECT_EQ(told({"subscribe", channel, "1"}), "on " + channel);
  }

  Subscriptions subscriptions_;
  TimePoint now_{};
};

TEST_F(SubscriptionsTest, AsksForWhatWasWantedBeforeTheConnection) {
  subscriptions_.subscribe("a");
  EXPECT_THAT(taken(), IsEmpty());
  connect();
  EXPECT_THAT(taken(), ElementsAre("SUBSCRIBE a"));
  EXPECT_EQ(told_resp("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"), "on a");
  EXPECT_THAT(taken(), IsEmpty());
}

TEST_F(SubscriptionsTest, PassesMessagesOnAfterTheConfirmation) {
  connect();
  subscribe_confirmed("a");
  EXPECT_EQ(told({"message", "a", "hello"}), "a: hello");
  EXPECT_EQ(told({"message", "b", "not ours"}), "");
}

TEST_F(SubscriptionsTest, WantsAChannelOnce) {
  connect();
  subscribe_confirmed("a");
  subscriptions_.subscribe("a");
  EXPECT_THAT(taken(), IsEmpty());
  EXPECT_EQ(subscriptions_.size(), 1u);
}

TEST_F(SubscriptionsTest, AsksInChunksOneAtATime) {
  connect();
  for (int i = 0; i < 1200; ++i) subscriptions_.subscribe(fmt::format("c{}", i));
  for (const std::size_t expected : {500u, 500u, 200u}) {
    std::string out;
    subscriptions_.take(out);
    const auto channels = words(parsed(out));
    ASSERT_EQ(channels.size(), expected + 1);
    for (std::size_t i = 1; i < channels.size(); ++i) {
      EXPECT_THAT(taken(), IsEmpty()) << "the chunk before is not confirmed yet";
      EXPECT_EQ(told({"subscribe", channels[i], "1"}), "on " + channels[i]);
    }
  }
  EXPECT_THAT(taken(), IsEmpty());
}

TEST_F(SubscriptionsTest, UnsubscribesAndForgets) {
  connect();
  subscribe_confirmed("a");
  subscriptions_.unsubscribe("a");
  EXPECT_EQ(told({"message", "a", "late"}), "");
  EXPECT_THAT(taken(), ElementsAre("UNSUBSCRIBE a"));
  EXPECT_EQ(told({"unsubscribe", "a", "0"}), "");
  EXPECT_EQ(subscriptions_.size(), 0u);
  subscriptions_.unsubscribe("a");
  EXPECT_THAT(taken(), IsEmpty());
}

TEST_F(SubscriptionsTest, NeverAsksForWhatCameAndWentBetweenTwoWrites) {
  connect();
  subscriptions_.subscribe("a");
  subscriptions_.unsubscribe("a");
  EXPECT_THAT(taken(), IsEmpty());
  EXPECT_EQ(subscriptions_.size(), 0u);
}

TEST_F(SubscriptionsTest, ConfirmsAgainWhatWasLeftAndIsWantedAgain) {
  connect();
  subscribe_confirmed("a");
  subscriptions_.unsubscribe("a");
  subscriptions_.subscribe("a");
  EXPECT_EQ(told({"message", "a", "before the confirmation"}), "");
  EXPECT_THAT(taken(), ElementsAre("SUBSCRIBE a"));
  EXPECT_EQ(told({"subscribe", "a", "1"}), "on a");
  EXPECT_EQ(told({"message", "a", "after it"}), "a: after it");
}

TEST_F(SubscriptionsTest, LeavesAfterAConfirmationThatNobodyWaitsForAnyMore) {
  connect();
  subscriptions_.subscribe("a");
  taken();
  subscriptions_.unsubscribe("a");
  EXPECT_THAT(taken(), IsEmpty());
  EXPECT_EQ(told({"subscribe", "a", "1"}), "");
  EXPECT_THAT(taken(), ElementsAre("UNSUBSCRIBE a"));
}

TEST_F(SubscriptionsTest, ComesBackWhileLeaving) {
  connect();
  subscribe_confirmed("a");
  subscriptions_.unsubscribe("a");
  taken();
  subscriptions_.subscribe("a");
  EXPECT_EQ(told({"unsubscribe", "a", "0"}), "");
  EXPECT_THAT(taken(), ElementsAre("SUBSCRIBE a"));
  EXPECT_EQ(told({"subscribe", "a", "1"}), "on a");
}

TEST_F(SubscriptionsTest, ChangesItsMindTwiceWhileLeaving) {
  connect();
  subscribe_confirmed("a");
  subscriptions_.unsubscribe("a");
  taken();
  subscriptions_.subscribe("a");
  subscriptions_.unsubscribe("a");
  EXPECT_EQ(told({"unsubscribe", "a", "0"}), "");
  EXPECT_THAT(taken(), IsEmpty());
  EXPECT_EQ(subscriptions_.size(), 0u);
}

TEST_F(SubscriptionsTest, ResubscribesAndConfirmsEachChannelAfterAReconnect) {
  connect();
  subscribe_confirmed("a");
  subscribe_confirmed("b");
  subscriptions_.unsubscribe("b");
  subscriptions_.lost();
  subscriptions_.lost();  // a failed attempt in between
  EXPECT_THAT(taken(), IsEmpty());
  EXPECT_EQ(subscriptions_.next_deadline(), TimePoint::max());
  subscriptions_.subscribe("c");
  connect();
  EXPECT_THAT(taken(),
              ::testing::AnyOf(ElementsAre("SUBSCRIBE a c"), ElementsAre("SUBSCRIBE c a")));
  EXPECT_EQ(told({"subscribe", "c", "1"}), "on c");
  EXPECT_EQ(told({"subscribe", "a", "2"}), "on a");
  EXPECT_EQ(subscriptions_.size(), 2u);
}

TEST_F(SubscriptionsTest, ForgetsTheHalfConfirmedChunkOfALostConnection) {
  connect();
  subscriptions_.subscribe("a");
  subscriptions_.subscribe("b");
  taken();
  EXPECT_EQ(told({"subscribe", "a", "1"}), "on a");
  subscriptions_.lost();
  connect();
  const auto asked = taken();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(told({"subscribe", "a", "1"}), "on a");
  EXPECT_EQ(told({"subscribe", "b", "2"}), "on b");
}

TEST_F(SubscriptionsTest, ProbesASilentConnectionAndGivesUp) {
  connect();
  EXPECT_EQ(subscriptions_.next_deadline(), now_ + 5s);
  now_ += 4999ms;
  EXPECT_TRUE(subscriptions_.tick(now_));
  EXPECT_THAT(taken(), IsEmpty());
  now_ += 1ms;
  EXPECT_TRUE(subscriptions_.tick(now_));
  EXPECT_THAT(taken(), ElementsAre("PING"));
  EXPECT_THAT(taken(), IsEmpty());
  now_ += 4999ms;
  EXPECT_TRUE(subscriptions_.tick(now_));
  now_ += 1ms;
  EXPECT_FALSE(subscriptions_.tick(now_));
}

TEST_F(SubscriptionsTest, TakesAnyAnswerAsASignOfLife) {
  connect();
  subscribe_confirmed("a");
  for (const std::string_view pong : {"*2\r\n$4\r\npong\r\n$0\r\n\r\n", "+PONG\r\n",
                                      "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n"}) {
    now_ += 5s;
    EXPECT_TRUE(subscriptions_.tick(now_));
    EXPECT_THAT(taken(), ElementsAre("PING"));
    now_ += 4s;
    EXPECT_THAT(told_resp(pong), ::testing::Not(HasSubstr("error")));
    EXPECT_EQ(subscriptions_.next_deadline(), now_ + 5s);
  }
}

TEST_F(SubscriptionsTest, ARedisThatRefusesAPingIsThere) {
  connect();
  subscribe_confirmed("a");
  for (const std::string_view refusal : {"-BUSY Redis is busy\r\n", "-MISCONF no disk\r\n"}) {
    now_ += 5s;
    EXPECT_TRUE(subscriptions_.tick(now_));
    EXPECT_THAT(taken(), ElementsAre("PING"));
    EXPECT_THAT(told_resp(refusal), ::testing::Not(HasSubstr("error")));
  }
  // Nobody asked for a pong: it is the answer to something else.
  EXPECT_THAT(told_resp("-BUSY Redis is busy\r\n"), HasSubstr("error"));
}

TEST_F(SubscriptionsTest, SaysWhenAllThatWasPublishedBeforeIsOut) {
  subscriptions_.probe();
  connect();
  EXPECT_THAT(taken(), IsEmpty()) << "asked on the connection before";
  subscriptions_.probe();
  EXPECT_THAT(taken(), ElementsAre("PING passed 1"));
  EXPECT_EQ(told_resp("$8\r\npassed 1\r\n"), "passed") << "without a channel";
  subscribe_confirmed("a");
  subscriptions_.probe();
  EXPECT_THAT(taken(), ElementsAre("PING passed 2"));
  EXPECT_EQ(told({"message", "a", "x"}), "a: x");
  EXPECT_EQ(told({"pong", ""}), "");
  EXPECT_EQ(told({"pong", "passed 2"}), "passed");
  subscriptions_.probe();
  taken();
  subscriptions_.probe();
  taken();
  EXPECT_EQ(told({"pong", "passed 3"}), "") << "asked again since";
  EXPECT_EQ(told({"pong", "passed 4"}), "passed");
  subscriptions_.probe();
  taken();
  EXPECT_EQ(told_resp("-BUSY Redis is busy\r\n"), "");
  subscriptions_.probe();
  subscriptions_.lost();
  connect();
  EXPECT_THAT(taken(), ElementsAre("SUBSCRIBE a"));
}

TEST_F(SubscriptionsTest, AProbeMayBeRefusedAfterWhatItWaitsFor) {
  connect();
  subscribe_confirmed("a");
  subscriptions_.probe();
  taken();
  EXPECT_EQ(told({"message", "a", "x"}), "a: x");
  EXPECT_EQ(told_resp("-BUSY Redis is busy\r\n"), "");
}

TEST_F(SubscriptionsTest, AProbeThatIsOutIsNoAnswerThatIsDue) {
  connect();
  subscribe_confirmed("a");
  now_ += 4900ms;
  subscriptions_.probe();
  taken();
  now_ += 100ms;
  EXPECT_TRUE(subscriptions_.tick(now_)) << "nobody has asked because of the silence yet";
  EXPECT_THAT(taken(), ElementsAre("PING"));
  now_ += 5s;
  EXPECT_FALSE(subscriptions_.tick(now_));
}

TEST_F(SubscriptionsTest, ProbesWhileAConfirmationIsMissing) {
  connect();
  subscriptions_.subscribe("a");
  taken();
  now_ += 5s;
  EXPECT_TRUE(subscriptions_.tick(now_));
  EXPECT_THAT(taken(), ElementsAre("PING"));
}

TEST_F(SubscriptionsTest, GivesUpOnAnswersThatMakeNoSense) {
  for (const std::string_view resp :
       {"+OK\r\n", ":1\r\n", "$-1\r\n", "*0\r\n", "*1\r\n*0\r\n",
        "*2\r\n$7\r\nmessage\r\n$1\r\na\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\nz\r\n:1\r\n",
        "*3\r\n$11\r\nunsubscribe\r\n$1\r\nz\r\n:1\r\n", "*1\r\n$9\r\nsubscribe\r\n"}) {
    EXPECT_THAT(told_resp(resp), HasSubstr("error: ")) << resp;
  }
  EXPECT_THAT(told_resp("-NOPERM no\r\n"), HasSubstr("NOPERM no"));
}

TEST_F(SubscriptionsTest, RefusesASecondConfirmation) {
  connect();
  subscribe_confirmed("a");
  EXPECT_THAT(told({"subscribe", "a", "1"}), HasSubstr("not asked for"));
  EXPECT_THAT(told({"unsubscribe", "a", "1"}), HasSubstr("not asked for"));
}

// Redis as far as these commands go, with its answers in order.
struct ModelRedis {
  std::set<std::string> channels;
  std::vector<std::vector<std::string>> answers;

  void execute(const std::string& command) {
    const bool on = command.starts_with("SUBSCRIBE");
    std::string_view rest = std::string_view(command).substr(command.find(' ') + 1);
    while (!rest.empty()) {
      const std::string channel(rest.substr(0, rest.find(' ')));
      rest.remove_prefix(std::min(rest.size(), channel.size() + 1));
      if (on) {
        channels.insert(channel);
      } else {
        channels.erase(channel);
      }
      answers.push_back({on ? "subscribe" : "unsubscribe", channel, "1"});
    }
  }
};

TEST_F(SubscriptionsTest, EndsWithWhatIsWantedWhateverHappenedInBetween) {
  Random random(7);
  ModelRedis redis;
  std::set<std::string> wanted;
  std::set<std::string> confirmed;
  connect();
  const auto answer_one = [&] {
    const std::string event = told(redis.answers.front());
    redis.answers.erase(redis.answers.begin());
    ASSERT_THAT(event, ::testing::Not(HasSubstr("error")));
    if (event.starts_with("on ")) confirmed.insert(event.substr(3));
  };
  for (int step = 0; step < 20'000; ++step) {
    const std::string channel(1, static_cast<char>('a' + random.below(5)));
    switch (random.below(16)) {
      case 0:
        subscriptions_.lost();
        redis = {};
        confirmed.clear();
        connect();
        break;
      case 1:
      case 2:
      case 3:
      case 4:
        subscriptions_.subscribe(channel);
        wanted.insert(channel);
        break;
      case 5:
      case 6:
      case 7:
      case 8:
        subscriptions_.unsubscribe(channel);
        wanted.erase(channel);
        confirmed.erase(channel);
        break;
      case 9:
      case 10:
      case 11:
        for (const auto& command : taken()) redis.execute(command);
        break;
      default:
        if (!redis.answers.empty()) answer_one();
    }
    ASSERT_TRUE(std::includes(wanted.begin(), wanted.end(), confirmed.begin(), confirmed.end()));
  }
  for (int round = 0; round < 4; ++round) {
    for (const auto& command : taken()) redis.execute(command);
    while (!redis.answers.empty()) answer_one();
  }
  EXPECT_EQ(redis.channels, wanted);
  EXPECT_EQ(confirmed, wanted);
  EXPECT_EQ(subscriptions_.size(), wanted.size());
}

}  // namespace
}  // namespace spillway::redis
