#include "redis/greeting.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "redis/connection.h"
#include "redis/resp_reader.h"

namespace spillway::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const std::string kInfo =
    "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nrun_id:c0ffee\r\ntcp_port:0\r\n";

std::string bulk(const std::string& text) {
  return fmt::format("${}\r\n{}\r\n", text.size(), text);
}

Url url_of(std::string_view text) { return *parse_url(text); }

// What comes of these replies: the run_id, "" if more are awaited, or the error.
std::string outcome(Greeting& greeting, const std::string& replies) {
  RespReader reader;
  reader.feed(replies);
  while (true) {
    auto reply = reader.next();
    if (!reply || !reply->has_value()) return "";
    const auto result = greeting.receive(**reply);
    if (!result) return result.error().message;
    if (result->has_value()) return (**result).run_id + " " + (**result).version;
  }
}

TEST(Greeting, AsksOnlyForWhatTheUrlWants) {
  const Greeting plain(url_of("redis://h"), "", Role::kAny);
  EXPECT_EQ(plain.bytes(), "*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n");
  const Greeting full(url_of("redis://ada:pw@h/3"), "spillway", Role::kAny);
  EXPECT_TRUE(full.bytes().starts_with(
      "*3\r\n$4\r\nAUTH\r\n$3\r\nada\r\n$2\r\npw\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n"
      "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$8\r\nspillway\r\n"));
  EXPECT_TRUE(Greeting(url_of("redis://:pw@h"), "", Role::kAny)
                  .bytes()
                  .starts_with("*2\r\n$4\r\nAUTH\r\n$2\r\npw\r\n"));
}

TEST(Greeting, LearnsTheRunId) {
  Greeting greeting(url_of("redis://:pw@h/3"), "name", Role::kAny);
  EXPECT_EQ(outcome(greeting, "+OK\r\n+OK\r\n+OK\r\n+PONG\r\n"), "");
  EXPECT_EQ(outcome(greeting, bulk(kInfo)), "c0ffee 7.0.15");
  EXPECT_THAT(outcome(greeting, "+OK\r\n"), HasSubstr("nobody asked for"));
}

TEST(Greeting, WantsTheMasterIfItIsToldTo) {
  const std::string master = "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
  Greeting greeting(url_of("redis://h"), "", Role::kMaster);
  EXPECT_EQ(outcome(greeting, "+PONG\r\n" + master + bulk(kInfo)), "c0ffee 7.0.15");
  for (const auto& [role, why] : std::vector<std::pair<std::string, std::string>>{
           {"*5\r\n$5\r\nslave\r\n$1\r\nm\r\n:1\r\n$9\r\nconnected\r\n:0\r\n", "is no master"},
           {"-NOPERM no permissions\r\n", "refused ROLE: allow it to this user (NOPERM"},
           {"+OK\r\n", "is no master"}}) {
    Greeting refused(url_of("redis://h"), "", Role::kMaster);
    EXPECT_THAT(outcome(refused, "+PONG\r\n" + role), HasSubstr(why));
  }
}

TEST(Greeting, DoesNotCareAboutTheName) {
  Greeting greeting(url_of("redis://h"), "a b", Role::kAny);
  EXPECT_EQ(outcome(greeting, "-ERR bad name\r\n+PONG\r\n" + bulk(kInfo)), "c0ffee 7.0.15");
}

TEST(Greeting, HearsThatItIsTurnedAwayWhateverItAskedFirst) {
  Greeting greeting(url_of("redis://h"), "name", Role::kAny);
  EXPECT_THAT(outcome(greeting, "-ERR max number of clients reached\r\n"), HasSubstr("maxclients"));
}

TEST(Greeting, SaysHowToMendWhatRedisRefuses) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"-WRONGPASS invalid username-password pair\r\n", "check user and password in the URL"},
      {"+OK\r\n-ERR DB index is out of range\r\n", "name another one in the URL"},
      {"+OK\r\n-NOAUTH Authentication required.\r\n", "wants a password"},
      {"+OK\r\n+OK\r\n-LOADING Redis is loading the dataset in memory\r\n", "still loading"},
      {"+OK\r\n+OK\r\n-MASTERDOWN Link with MASTER is down\r\n", "use the master"},
      {"+OK\r\n+OK\r\n-BUSY Redis is busy running a script.\r\n", "SCRIPT KILL"},
      {"+OK\r\n+OK\r\n-MISCONF Redis is configured to save RDB snapshots\r\n", "BGSAVE"},
      {"+OK\r\n+OK\r\n-NOPERM no ping\r\n", "refused PING"},
      {"+OK\r\n+OK\r\n+PONG\r\n-NOPERM no info\r\n", "refused INFO server"},
      {"+OK\r\n+OK\r\n+PONG\r\n$0\r\n\r\n", "no run_id"},
      {"-DENIED Redis is running in protected mode\r\n", "protected mode"},
      {"-ERR max number of clients reached\r\n", "maxclients"}};
  for (const auto& [replies, sentence] : cases) {
    Greeting greeting(url_of("redis://:s3cret@h:1/3"), "", Role::kAny);
    const std::string why = outcome(greeting, replies);
    EXPECT_THAT(why, HasSubstr("Redis at redis://h:1/3 "));
    EXPECT_THAT(why, HasSubstr(sentence));
    EXPECT_THAT(why, ::testing::Not(HasSubstr("s3cret")));
  }
}

TEST(Greeting, QuotesOnlyTheBeginningOfALongError) {
  Greeting greeting(url_of("redis://h"), "", Role::kAny);
  EXPECT_LT(outcome(greeting, "-ERR " + std::string(5000, 'x') + "\r\n").size(), 400u);
}

TEST(RetryDelay, HasFullJitterUpToABoundThatDoublesToTwoSeconds) {
  EXPECT_EQ(retry_delay(0, 0.0), 0ms);
  EXPECT_EQ(retry_delay(0, 1.0), 50ms);
  EXPECT_EQ(retry_delay(1, 1.0), 100ms);
  EXPECT_EQ(retry_delay(1, 0.5), 50ms);
  EXPECT_EQ(retry_delay(6, 1.0), 2000ms);
  EXPECT_EQ(retry_delay(4'000'000'000u, 1.0), 2000ms);
}

}  // namespace
}  // namespace spillway::redis
