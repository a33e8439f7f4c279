#include "balancer/fleet.h"

#include <gtest/gtest.h>

#include "balancer/registry.h"
#include "redis/resp_reader.h"

namespace spillway::balancer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kNow = TimePoint{} + std::chrono::hours(1);
const std::string kId = "0b8bb77e-4f0c-4c5a-9d57-0b8f5f9e7a11";

std::string bulk(const std::string& text) {
  return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

std::string row(const std::string& id, const std::string& url, const std::string& heartbeat,
                const std::string& viewers = "12") {
  return "*5\r\n" + bulk(id) + bulk(viewers) + bulk(url) + bulk("up") + heartbeat;
}

std::optional<Fleet> parse(const std::string& resp) {
  redis::RespReader reader;
  reader.feed(resp);
  auto reply = reader.next();
  EXPECT_TRUE(reply && *reply) << resp;
  return parse_fleet((*reply)->view(), kNow);
}

TEST(Fleet, ReadsAServerAndItsSilenceByRedisClock) {
  const auto fleet = parse("*2\r\n:10000\r\n" + row(kId, "ws://a:1", bulk("9400")));
  ASSERT_TRUE(fleet && fleet->servers.size() == 1);
  const ServerState& server = fleet->servers[0];
  EXPECT_EQ(server.id, kId);
  EXPECT_EQ(server.url, "ws://a:1");
  EXPECT_EQ(server.viewers, 12U);
  EXPECT_EQ(server.silence, milliseconds(600));
  EXPECT_TRUE(is_alive(server));
}

TEST(Fleet, IsEmptyWithoutServers) {
  const auto fleet = parse("*1\r\n:10000\r\n");
  ASSERT_TRUE(fleet);
  EXPECT_TRUE(fleet->servers.empty());
}

TEST(Fleet, SilenceMakesAServerUnusableThenDead) {
  const auto with_silence = [](int ms) {
    return ServerState{kId, "ws://a", "up", 0, milliseconds(ms)};
  };
  EXPECT_TRUE(is_alive(with_silence(1999)));
  EXPECT_FALSE(is_alive(with_silence(2000)));
  EXPECT_FALSE(is_dead(with_silence(4999)));
  EXPECT_TRUE(is_dead(with_silence(5000)));
}

TEST(Fleet, AServerWithoutHeartbeatIsDead) {
  const auto fleet = parse("*2\r\n:10000\r\n" + row(kId, "ws://a:1", "$-1\r\n"));
  ASSERT_TRUE(fleet && fleet->servers.size() == 1);
  EXPECT_TRUE(is_dead(fleet->servers[0]));
  EXPECT_FALSE(is_alive(fleet->servers[0]));
}

TEST(Fleet, LeavesOutWhatMakesNoSense) {
  const auto fleet = parse("*5\r\n:10000\r\n" + row("me", "ws://a:1", bulk("9400")) + ":1\r\n" +
                           row(kId, "javascript:x", bulk("9400")) + "*0\r\n");
  ASSERT_TRUE(fleet && fleet->servers.size() == 1);
  EXPECT_FALSE(is_alive(fleet->servers[0]));  // its URL is none
}

TEST(Fleet, NeverGivesOutAServerThatDescribesItselfInNonsense) {
  const auto alive = [](const std::string& described) {
    const auto fleet = parse("*2\r\n:10000\r\n" + described);
    return fleet && fleet->servers.size() == 1 && is_alive(fleet->servers[0]);
  };
  EXPECT_TRUE(alive(row(kId, "ws://a:1", bulk("9400"))));
  for (const char* const url :
       {"", "ws://", "http://a", "ws://a b", "ws://a\n", "ws://\xff", "WS"}) {
    EXPECT_FALSE(alive(row(kId, url, bulk("9400")))) << url;
  }
  for (const char* const viewers : {"inf", "-inf", "nan", "-1", "1e20", "1.5", "", "many"}) {
    EXPECT_FALSE(alive(row(kId, "ws://a:1", bulk("9400"), viewers))) << viewers;
  }
  for (const char* const heartbeat : {"99999999999999", "9223372036854775807", "-1", "x", "inf"}) {
    EXPECT_FALSE(alive(row(kId, "ws://a:1", bulk(heartbeat)))) << heartbeat;
  }
}

TEST(Fleet, AHeartbeatThatIsALittleAheadIsYoung) {
  const auto fleet = parse("*2\r\n:10000\r\n" + row(kId, "ws://a:1", bulk("10100")));
  ASSERT_TRUE(fleet && fleet->servers.size() == 1);
  EXPECT_EQ(fleet->servers[0].silence, milliseconds(0));
}

TEST(Fleet, IsNothingForAReplyOfAnotherShape) {
  EXPECT_FALSE(parse("-ERR no\r\n"));
  EXPECT_FALSE(parse("*0\r\n"));
  EXPECT_FALSE(parse("$-1\r\n"));
}

TEST(Watch, IsSteadyOnlyAfterTheWholeSpanOfReadings) {
  Watch watch;
  EXPECT_FALSE(watch.steady(kNow, seconds(5)));
  for (int i = 0; i < 5; ++i) watch.reading(kNow + seconds(i));
  EXPECT_FALSE(watch.steady(kNow + seconds(4), seconds(5)));
  watch.reading(kNow + seconds(5));
  EXPECT_TRUE(watch.steady(kNow + seconds(5), seconds(5)));
}

TEST(Watch, ABreakBeginsTheSpanAnew) {
  Watch watch;
  for (int i = 0; i < 10; ++i) watch.reading(kNow + seconds(i));
  EXPECT_FALSE(watch.steady(kNow + seconds(13), seconds(5)));  // nothing heard for four seconds
  watch.reading(kNow + seconds(13));
  EXPECT_FALSE(watch.steady(kNow + seconds(13), seconds(5)));
  for (int i = 14; i < 19; ++i) watch.reading(kNow + seconds(i));
  EXPECT_TRUE(watch.steady(kNow + seconds(18), seconds(5)));
}

}  // namespace
}  // namespace spillway::balancer
