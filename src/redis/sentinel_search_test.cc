#include "redis/sentinel_search.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <variant>

#include "base/overloaded.h"
#include "redis/resp_reader.h"

namespace spillway::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kQuestion = "write *3 $8 SENTINEL $23 get-master-addr-by-name $4 main ";
const std::string kNil = "*-1\r\n";

std::string address(const std::string& host, const std::string& port) {
  return fmt::format("*2\r\n${}\r\n{}\r\n${}\r\n{}\r\n", host.size(), host, port.size(), port);
}

class SentinelSearchTest : public ::testing::Test {
 protected:
  static std::string printed(const SentinelSearch::Step& step) {
    return std::visit(
        overloaded{
            [](const SentinelSearch::Nothing&) { return std::string(); },
            [](const SentinelSearch::Close&) { return std::string("close"); },
            [](const SentinelSearch::Open& open) { return "open " + display(open.to); },
            [](const SentinelSearch::Write& out) {
              std::string words = "write ";
              for (const char c : out.bytes) {
                if (c != '\n') words += c == '\r' ? ' ' : c;
              }
              return words;
            },
            [](const SentinelSearch::Named& n) { return "named " + display(n.master); },
            [](const SentinelSearch::NotFound& none) { return "none: " + none.why.message; }},
        step);
  }

  std::string begin() { return printed(search_->begin(now_)); }
  std::string opened() { return printed(search_->opened()); }
  std::string failed(const char* why) { return printed(search_->failed(Error{why}, now_)); }
  std::string tick() { return printed(search_->tick(now_)); }
  std::string answer(const std::string& resp) {
    RespReader reader;
    reader.feed(resp);
    auto reply = reader.next();
    return printed(search_->receive(**reply, now_));
  }
  // Until the deadline, and what comes of it.
  std::string wait() {
    EXPECT_EQ(tick(), "") << "before its time";
    now_ = search_->next_deadline();
    return tick();
  }

  TimePoint now_{1h};
  std::optional<SentinelSearch> search_{*parse_url("redis+sentinel://a:1,b:2/main")};
};

TEST_F(SentinelSearchTest, TheFirstThatKnowsTheMasterNamesIt) {
  EXPECT_EQ(begin(), "open a:1");
  EXPECT_EQ(opened(), kQuestion);
  EXPECT_EQ(answer(address("10.0.0.7", "6380")), "named 10.0.0.7:6380");
}

TEST_F(SentinelSearchTest, WhoIsOfNoUseIsPassedOver) {
  const auto next = [&](const std::string& what) {
    EXPECT_EQ(what, "open b:2");
    opened();
    EXPECT_EQ(answer(address("m", "1")), "named m:1");
    search_.emplace(*parse_url("redis+sentinel://a:1,b:2/main"));
    begin();
  };
  begin();
  next(failed("Connection refused"));
  next(wait());  // no connection in time
  opened();
  next(wait());  // no answer in time
  opened();
  next(answer(kNil));
  for (const char* nonsense :
       {"+OK\r\n", ":7\r\n", "*1\r\n$1\r\nm\r\n", "-ERR unknown command\r\n"}) {
    opened();
    next(answer(nonsense));
  }
  for (const char* port : {"0", "65536", "-1", "x", ""}) {
    opened();
    next(answer(address("m", port)));
  }
  opened();
  next(answer(address("", "1")));
}

TEST_F(SentinelSearchTest, WithoutAnyTheErrorNamesThemAndTheMend) {
  begin();
  failed("Connection refused");
  opened();
  const std::string none = answer(kNil);
  EXPECT_EQ(none,
            "none: no Sentinel of a:1,b:2 knows the master 'main': check both in the URL "
            "(a:1: Connection refused; b:2: it does not watch that master)");
  EXPECT_EQ(search_->next_deadline(), TimePoint::max());
  EXPECT_EQ(begin(), "open a:1");
  EXPECT_EQ(failed("again"), "open b:2") << "each is asked once in each search";
}

TEST_F(SentinelSearchTest, TheNextSearchBeginsWithWhoKnew) {
  begin();
  failed("gone");
  opened();
  answer(address("m", "1"));
  EXPECT_EQ(begin(), "open b:2");
  opened();
  EXPECT_EQ(answer(address("m", "1")), "named m:1") << "a new search is answered in any case";
  search_->distrust();
  EXPECT_EQ(begin(), "open a:1");
}

TEST_F(SentinelSearchTest, AnotherMasterIsNoticedWhileTheOldOneIsInUse) {
  begin();
  opened();
  answer(address("m", "1"));
  for (int second = 0; second < 3; ++second) {
    EXPECT_EQ(wait(), kQuestion);
    EXPECT_EQ(answer(address("m", "1")), "");
  }
  EXPECT_EQ(wait(), kQuestion);
  EXPECT_EQ(answer(address("n", "2")), "named n:2");
}

TEST_F(SentinelSearchTest, ASentinelThatGoesDoesNotTakeTheMasterAlong) {
  begin();
  opened();
  answer(address("m", "1"));
  for (const char* sentinel : {"open b:2", "open a:1", "open b:2"}) {
    EXPECT_EQ(failed("gone"), "close");
    EXPECT_EQ(wait(), sentinel);
  }
  EXPECT_EQ(opened(), kQuestion);
  EXPECT_EQ(answer(address("m", "1")), "");
  EXPECT_EQ(wait(), kQuestion);
  EXPECT_EQ(wait(), "close") << "it hangs, and what it says later is no answer";
  EXPECT_EQ(wait(), "open a:1");
}

TEST_F(SentinelSearchTest, ASentinelThatWantsALoginGetsTheUrls) {
  search_.emplace(*parse_url("redis+sentinel://ada:s3cret@a:1/main"));
  begin();
  opened();
  EXPECT_EQ(answer("-NOAUTH Authentication required.\r\n"), "write *3 $4 AUTH $3 ada $6 s3cret ");
  EXPECT_EQ(answer("+OK\r\n"), kQuestion);
  EXPECT_EQ(answer(address("m", "1")), "named m:1");
  begin();
  opened();
  answer("-NOAUTH Authentication required.\r\n");
  const std::string refused = answer("-WRONGPASS no\r\n");
  EXPECT_THAT(refused, HasSubstr("a:1: it refused the URL's login (WRONGPASS no)"));
  EXPECT_THAT(refused, Not(HasSubstr("s3cret")));
}

TEST_F(SentinelSearchTest, OnlyOneLoginIsTried) {
  search_.emplace(*parse_url("redis+sentinel://:s3cret@a:1/main"));
  begin();
  opened();
  EXPECT_EQ(answer("-NOAUTH\r\n"), "write *2 $4 AUTH $6 s3cret ");
  answer("+OK\r\n");
  EXPECT_THAT(answer("-NOAUTH\r\n"), EndsWith("(a:1: it said NOAUTH)"));
}

TEST_F(SentinelSearchTest, WithoutALoginInTheUrlTheSentinelsWishIsSaid) {
  begin();
  opened();
  EXPECT_EQ(answer("-NOAUTH Authentication required.\r\n"), "open b:2");
  EXPECT_THAT(failed("gone"), HasSubstr("a:1: it said NOAUTH"));
}

TEST_F(SentinelSearchTest, ASentenceHasAnEnd) {
  std::string url = "redis+sentinel://";
  for (int i = 1; i <= 64; ++i) url += fmt::format("{}h:{}", i == 1 ? "" : ",", i);
  search_.emplace(*parse_url(url + "/main"));
  begin();
  std::string last;
  for (int i = 0; i < 64; ++i) last = failed("a reason of some length");
  EXPECT_THAT(last, HasSubstr("none: "));
  EXPECT_THAT(last, HasSubstr("h:8: a reason"));
  EXPECT_THAT(last, Not(HasSubstr("h:9: a reason")));
}

}  // namespace
}  // namespace spillway::redis
