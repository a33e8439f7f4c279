#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redis/client.h"
#include "redis/redis_driver_fixture.h"
#include "redis/script.h"

namespace spillway::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class ClientDriver : public RedisDriverTest {
 protected:
  RedisServer server_{{"--enable-debug-command", "yes"}};
};

TEST_F(ClientDriver, LearnsWhoIsThere) {
  server_.start();
  const auto client = connect(options(server_.url()));
  ASSERT_EQ(connected_.size(), 1u);
  EXPECT_EQ(connected_[0].run_id.size(), 40u);
  EXPECT_TRUE(connected_[0].version.starts_with("7."));
  EXPECT_EQ(ask_text(*client, Command("CLIENT").arg("GETNAME")), "test");
}

TEST_F(ClientDriver, AnswersInTheOrderOfSending) {
  server_.start();
  const auto client = connect(options(server_.url()));
  std::vector<std::int64_t> answers;
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(client->send(Command("INCR").arg("n"),
                           [&](Answer answer) { answers.push_back(*answer.reply.integer()); }),
              Client::Sent::kQueued);
  }
  EXPECT_TRUE(answers.empty()) << "never from inside send()";
  ASSERT_TRUE(run_until([&] { return answers.size() == 10'000; }));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    ASSERT_EQ(answers[i], static_cast<std::int64_t>(i) + 1);
  }
  EXPECT_EQ(client->queued_bytes(), 0u);
}

TEST_F(ClientDriver, WritesOnceATurn) {
  server_.start();
  const auto client = connect(options(server_.url()));
  const auto reads = [&] {
    const std::string stats = ask_text(*client, Command("INFO").arg("stats"));
    const std::string key = "total_reads_processed:";
    return std::stoll(stats.substr(stats.find(key) + key.size()));
  };
  const auto before = reads();
  int answered = 0;
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(client->send(Command("PING"), [&](Answer) { ++answered; }), Client::Sent::kQueued);
  }
  ASSERT_TRUE(run_until([&] { return answered == 100; }));
  EXPECT_EQ(reads() - before, 2) << "one for the burst, one for the second INFO";
}

TEST_F(ClientDriver, CarriesBigBinaryValues) {
  server_.start();
  const auto client = connect(options(server_.url()));
  std::string big(8 * 1024 * 1024, '\0');
  for (std::size_t i = 0; i < big.size(); ++i) big[i] = static_cast<char>(i * 31 + i / 257);
  EXPECT_EQ(ask_text(*client, Command("SET").arg("big").arg(big)), "OK");
  EXPECT_TRUE(ask_text(*client, Command("GET").arg("big")) == big);
}

TEST_F(ClientDriver, PassesErrorsOfRedisOn) {
  server_.start();
  const auto client = connect(options(server_.url()));
  const Answer answer = ask(*client, Command("NOSUCH"));
  EXPECT_EQ(answer.fate, Fate::kAnswered);
  EXPECT_THAT(std::string(answer.reply.error_text()), HasSubstr("unknown command"));
}

TEST_F(ClientDriver, TakesCommandsInsideAnAnswer) {
  server_.start();
  const auto client = connect(options(server_.url()));
  std::int64_t last = 0;
  OnAnswer next = [&](Answer answer) {
    last = *answer.reply.integer();
    if (last < 50) {
      EXPECT_EQ(client->send(Command("INCR").arg("n"), next), Client::Sent::kQueued);
    }
  };
  ASSERT_EQ(client->send(Command("INCR").arg("n"), next), Client::Sent::kQueued);
  EXPECT_TRUE(run_until([&] { return last == 50; }));
}

TEST_F(ClientDriver, SaysThatItIsAwayOrFull) {
  ClientOptions small = options(server_.url());
  small.queue_bytes_max = 1000;
  const auto client = start(small);
  const auto ignore = [](Answer) {};
  EXPECT_EQ(client->send(Command("PING"), ignore), Client::Sent::kAway);
  server_.start();
  ASSERT_TRUE(run_until([&] { return client->connected(); }));
  EXPECT_EQ(client->send(Command("ECHO").arg(std::string(1000, 'x')), ignore), Client::Sent::kFull);
  EXPECT_EQ(client->send(Command("PING"), ignore), Client::Sent::kQueued);
  EXPECT_GT(client->queued_bytes(), 0u);
}

TEST_F(ClientDriver, ReportsTheFirstFailedAttempt) {
  const auto client = start(options(server_.url()));
  ASSERT_TRUE(run_until([&] { return !lost_.empty(); }));
  EXPECT_EQ(lost_[0],
            "cannot connect to Redis at " + server_.url() + ": No such file or directory");
  EXPECT_FALSE(client->connected());
}

TEST_F(ClientDriver, ComesBackWithAnotherRunIdAfterAKill) {
  server_.start();
  const auto client = connect(options(server_.url()));
  server_.kill();
  ASSERT_TRUE(run_until([&] { return !lost_.empty(); }));
  EXPECT_FALSE(client->connected());
  EXPECT_THAT(lost_[0], HasSubstr("lost Redis at " + server_.url()));
  EXPECT_EQ(client->send(Command("PING"), [](Answer) {}), Client::Sent::kAway);
  ASSERT_TRUE(run_until([&] { return lost_.size() >= 3; })) << "one for each failed attempt";
  server_.start();
  const TimePoint back = Clock::now();
  ASSERT_TRUE(run_until([&] { return client->connected(); }));
  EXPECT_LT(Clock::now() - back, 5s);
  EXPECT_EQ(ask_text(*client, Command("PING")), "PONG");
  ASSERT_EQ(connected_.size(), 2u);
  EXPECT_NE(connected_[0].run_id, connected_[1].run_id);
}

TEST_F(ClientDriver, DoesNotKnowTheFateOfWhatWasWritten) {
  server_.start();
  const auto client = connect(options(server_.url()));
  EXPECT_EQ(ask_text(*client, Command("CLIENT").arg("PAUSE").arg(100'000)), "OK");
  std::vector<std::string> events;
  for (const std::string name : {"a", "b"}) {
    const auto on_answer = [&, name](Answer answer) {
      EXPECT_EQ(answer.fate, Fate::kUnknown);
      EXPECT_EQ(client->send(Command("PING"), [](Answer) {}), Client::Sent::kAway);
      events.push_back(name);
    };
    ASSERT_EQ(client->send(Command("INCR").arg("n"), on_answer), Client::Sent::kQueued);
  }
  while (io_.poll() > 0) {
  }
  server_.kill();
  ASSERT_TRUE(run_until([&] { return !lost_.empty(); }));
  EXPECT_EQ(events, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(client->queued_bytes(), 0u);
}

TEST_F(ClientDriver, GivesTheConnectionUpWhenADeadlinePasses) {
  server_.start();
  const auto client = connect(options(server_.url()));
  std::vector<Fate> fates;
  const auto note = [&](Answer answer) { fates.push_back(answer.fate); };
  ASSERT_EQ(client->send(Command("DEBUG").arg("SLEEP").arg(1), note), Client::Sent::kQueued);
  ASSERT_EQ(client->send(Command("PING"), note, 50ms), Client::Sent::kQueued);
  ASSERT_TRUE(run_until([&] { return !lost_.empty(); }));
  EXPECT_EQ(fates, (std::vector<Fate>{Fate::kUnknown, Fate::kUnknown}));
  EXPECT_THAT(lost_[0], HasSubstr("not answered in time"));
  ASSERT_TRUE(run_until([&] { return client->connected(); }));
  EXPECT_EQ(ask_text(*client, Command("ECHO").arg("well")), "well");
}

TEST_F(ClientDriver, GivesASilentPeerUpAfterTheConnectTimeout) {
  server_.start();
  const auto admin = connect(options(server_.url()));
  ClientOptions impatient = options(server_.url());
  impatient.connect_timeout = 100ms;
  EXPECT_EQ(admin->send(Command("DEBUG").arg("SLEEP").arg(1), [](Answer) {}),
            Client::Sent::kQueued);
  while (io_.poll() > 0) {
  }
  const auto client = start(impatient);
  ASSERT_TRUE(run_until([&] { return !lost_.empty(); }));
  EXPECT_THAT(lost_[0], HasSubstr("no answer within 100ms"));
}

TEST_F(ClientDriver, IsSilentAfterStop) {
  server_.start();
  const auto client = connect(options(server_.url()));
  bool called = false;
  const auto note = [&](Answer) { called = true; };
  ASSERT_EQ(client->send(Command("PING"), note), Client::Sent::kQueued);
  client->stop();
  EXPECT_FALSE(client->connected());
  EXPECT_EQ(client->send(Command("PING"), note), Client::Sent::kAway);
  io_.run();  // ends: nothing is left to wait for
  EXPECT_FALSE(called);
  EXPECT_TRUE(lost_.empty());
}

TEST_F(ClientDriver, MayBeStoppedByItsOwnCallbacks) {
  server_.start();
  const auto first = connect(options(server_.url()));
  int answers = 0;
  for (int i = 0; i < 3; ++i) {
    const auto stop = [&](Answer) {
      ++answers;
      first->stop();
    };
    ASSERT_EQ(first->send(Command("PING"), stop), Client::Sent::kQueued);
  }
  io_.run();
  EXPECT_EQ(answers, 1);

  io_.restart();
  Client second(io_, options(server_.url()), log_);
  second.start([&](const Connected&) { second.stop(); }, [](const Error&) { FAIL(); });
  io_.run();

  server_.kill();
  io_.restart();
  int losses = 0;
  Client third(io_, options(server_.url()), log_);
  third.start([](const Connected&) { FAIL(); },
              [&](const Error&) {
                ++losses;
                third.stop();
              });
  io_.run();
  EXPECT_EQ(losses, 1);
}

TEST_F(ClientDriver, MayBeStoppedByTheFirstOfManyLostCommands) {
  server_.start();
  const auto client = connect(options(server_.url()));
  EXPECT_EQ(ask_text(*client, Command("CLIENT").arg("PAUSE").arg(100'000)), "OK");
  int answers = 0;
  for (int i = 0; i < 3; ++i) {
    const auto stop = [&](Answer) {
      ++answers;
      client->stop();
    };
    ASSERT_EQ(client->send(Command("INCR").arg("n"), stop), Client::Sent::kQueued);
  }
  server_.kill();
  io_.run();
  EXPECT_EQ(answers, 1);
  EXPECT_TRUE(lost_.empty());
}

TEST_F(ClientDriver, MayBeDestroyedBetweenAnyTwoHandlers) {
  server_.start();
  connect(options(server_.url()));
  destroy_between_handlers(server_.url(), 25);
}

TEST_F(ClientDriver, SendsTheTextOfAScriptThatRedisDoesNotKnow) {
  server_.start();
  const auto client = connect(options(server_.url()));
  const Script script("return {KEYS[1], ARGV[1], ARGV[2]}");
  const auto call = [&] {
    std::string got;
    const auto on_answer = [&](Answer answer) {
      for (std::size_t i = 0; i < answer.reply.size(); ++i) {
        got += fmt::format("{} ", answer.reply[i].text());
      }
    };
    EXPECT_EQ(script.eval(*client, {"k"}, {"a", "b"}, on_answer), Client::Sent::kQueued);
    run_until([&] { return !got.empty(); });
    return got;
  };
  EXPECT_EQ(call(), "k a b ");
  EXPECT_EQ(call(), "k a b ");
  const std::string stats = ask_text(*client, Command("INFO").arg("commandstats"));
  EXPECT_THAT(stats, HasSubstr("cmdstat_eval:calls=1,"));
  EXPECT_THAT(stats, HasSubstr("cmdstat_evalsha:calls=2,"));
}

TEST_F(ClientDriver, PassesAScriptsOwnErrorsOn) {
  server_.start();
  const auto client = connect(options(server_.url()));
  const Script script("return redis.error_reply('MINE ' .. ARGV[1])");
  std::string got;
  const auto on_answer = [&](Answer answer) { got = answer.reply.error_text(); };
  EXPECT_EQ(script.eval(*client, {}, {"x"}, on_answer), Client::Sent::kQueued);
  run_until([&] { return !got.empty(); });
  EXPECT_EQ(got, "MINE x");
}

}  // namespace
}  // namespace spillway::redis
