#include "balancer/reading.h"

#include <gtest/gtest.h>

#include "redis/resp_reader.h"

namespace spillway::balancer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kNow = TimePoint{} + std::chrono::hours(1);
const std::string kId = "0b8bb77e-4f0c-4c5a-9d57-0b8f5f9e7a11";
const std::string kNil = "$-1\r\n";

std::string bulk(const std::string& text) {
  return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

// A row of the reply, field by field in its order.
struct Row {
  std::string id = bulk(kId);
  std::string viewers = bulk("12");
  std::string deliveries = bulk("345");
  std::string lag = bulk("1.25");
  std::string fanouts = bulk("67");
  std::string ours = ":1\r\n";
  std::string url = bulk("ws://a:1");
  std::string status = bulk("up");
  std::string heartbeat = bulk("9400");
  std::string rss = bulk("1000");
  std::string heap_total = bulk("800");
  std::string heap_used = bulk("700");
  std::string busy = bulk("0.375");
  std::string flushes = bulk("89");

  std::string text() const {
    return "*14\r\n" + id + viewers + deliveries + lag + fanouts + ours + url + status + heartbeat +
           rss + heap_total + heap_used + busy + flushes;
  }
};

std::string reply_of(const std::vector<std::string>& rows) {
  std::string text = "*" + std::to_string(rows.size() + 1) + "\r\n:10000\r\n";
  for (const std::string& row : rows) text += row;
  return text;
}

std::optional<FleetReading> parse(const std::string& resp) {
  redis::RespReader reader;
  reader.feed(resp);
  auto reply = reader.next();
  EXPECT_TRUE(reply && *reply) << resp;
  return parse_fleet((*reply)->view(), kNow);
}

ServerReading parse_row(const Row& row) {
  const auto fleet = parse(reply_of({row.text()}));
  if (!fleet || fleet->servers.size() != 1) {
    ADD_FAILURE() << row.text();
    return {};
  }
  return fleet->servers[0];
}

bool alive(const Row& row) { return is_alive(parse_row(row), {}); }

TEST(Reading, HasAServerWithAllItSays) {
  const ServerReading server = parse_row({});
  EXPECT_EQ(server.id, kId);
  EXPECT_EQ(server.url, "ws://a:1");
  EXPECT_EQ(server.status, "up");
  EXPECT_EQ(server.viewers, 12U);
  EXPECT_EQ(server.deliveries, 345U);
  EXPECT_EQ(server.fanouts, 67U);
  EXPECT_EQ(server.flushes, 89U);
  EXPECT_EQ(server.lag_ms, 1.25);
  EXPECT_EQ(server.busy, 0.375);
  EXPECT_EQ(server.rss, 1000U);
  EXPECT_EQ(server.heap_total, 800U);
  EXPECT_EQ(server.heap_used, 700U);
  EXPECT_TRUE(server.ours);
}

TEST(Reading, SilenceIsByRedisClock) {
  const auto fleet = parse(reply_of({Row{}.text()}));
  ASSERT_TRUE(fleet && fleet->servers.size() == 1);
  EXPECT_EQ(fleet->redis_ms, 10'000);
  EXPECT_EQ(fleet->read_at, kNow);
  EXPECT_EQ(fleet->servers[0].heartbeat_ms, 9400);
  EXPECT_EQ(fleet->servers[0].silence, milliseconds(600));
  EXPECT_TRUE(is_alive(fleet->servers[0], {}));
}

TEST(Reading, IsEmptyWithoutServers) {
  const auto fleet = parse("*1\r\n:10000\r\n");
  ASSERT_TRUE(fleet);
  EXPECT_TRUE(fleet->servers.empty());
}

TEST(Reading, SilenceMakesAServerUnusableThenDead) {
  const auto with_silence = [](milliseconds silence) {
    ServerReading server;
    server.url = "ws://a";
    server.status = "up";
    server.silence = silence;
    return server;
  };
  EXPECT_TRUE(is_alive(with_silence(milliseconds(1999)), {}));
  EXPECT_FALSE(is_alive(with_silence(milliseconds(2000)), {}));
  EXPECT_FALSE(is_dead(with_silence(milliseconds(4999)), {}));
  EXPECT_TRUE(is_dead(with_silence(milliseconds(5000)), {}));
  const Silence patient{seconds(10), seconds(20)};
  EXPECT_TRUE(is_alive(with_silence(milliseconds(9999)), patient));
  EXPECT_FALSE(is_dead(with_silence(milliseconds(19'999)), patient));
}

TEST(Reading, AServerWithoutHeartbeatIsDead) {
  Row row;
  row.heartbeat = kNil;
  const ServerReading server = parse_row(row);
  EXPECT_TRUE(is_dead(server, {}));
  EXPECT_FALSE(is_alive(server, {}));
}

TEST(Reading, AServerWithoutAHashIsDeadAndCountsNothing) {
  Row row;
  row.url = row.status = row.heartbeat = row.rss = row.heap_total = row.heap_used = kNil;
  row.busy = row.flushes = row.deliveries = row.lag = row.fanouts = kNil;
  row.ours = ":0\r\n";
  const ServerReading server = parse_row(row);
  EXPECT_TRUE(is_dead(server, {}));
  EXPECT_FALSE(server.ours);
  EXPECT_EQ(server.deliveries, 0U);
  EXPECT_EQ(server.busy, 0);
}

TEST(Reading, LeavesOutWhatMakesNoSense) {
  Row me;
  me.id = bulk("me");
  Row nowhere;
  nowhere.url = bulk("javascript:x");
  const auto fleet = parse(reply_of({me.text(), ":1\r\n", nowhere.text(), "*0\r\n"}));
  ASSERT_TRUE(fleet && fleet->servers.size() == 1);
  EXPECT_FALSE(is_alive(fleet->servers[0], {}));  // its URL is none
}

TEST(Reading, NeverGivesOutAServerThatDescribesItselfInNonsense) {
  EXPECT_TRUE(alive({}));
  for (const char* const url :
       {"", "ws://", "http://a", "ws://a b", "ws://a\n", "ws://\xff", "WS"}) {
    Row row;
    row.url = bulk(url);
    EXPECT_FALSE(alive(row)) << url;
  }
  for (const char* const viewers : {"inf", "-inf", "nan", "-1", "1e20", "1.5", "", "many"}) {
    Row row;
    row.viewers = bulk(viewers);
    EXPECT_FALSE(alive(row)) << viewers;
  }
  for (const char* const heartbeat : {"99999999999999", "9223372036854775807", "-1", "x", "inf"}) {
    Row row;
    row.heartbeat = bulk(heartbeat);
    EXPECT_FALSE(alive(row)) << heartbeat;
  }
}

TEST(Reading, NumbersThatAreNoneAreZero) {
  for (const char* const number : {"inf", "-inf", "nan", "-1", "-0.5", "", "many", "1e999"}) {
    Row row;
    row.deliveries = row.fanouts = row.flushes = row.rss = row.lag = row.busy = bulk(number);
    const ServerReading server = parse_row(row);
    EXPECT_EQ(server.deliveries, 0U) << number;
    EXPECT_EQ(server.fanouts, 0U) << number;
    EXPECT_EQ(server.flushes, 0U) << number;
    EXPECT_EQ(server.rss, 0U) << number;
    EXPECT_EQ(server.lag_ms, 0) << number;
    EXPECT_EQ(server.busy, 0) << number;
  }
}

TEST(Reading, AHeartbeatThatIsALittleAheadIsYoung) {
  Row row;
  row.heartbeat = bulk("10100");
  EXPECT_EQ(parse_row(row).silence, milliseconds(0));
  EXPECT_TRUE(alive(row));
}

TEST(Reading, IsNothingForAReplyOfAnotherShape) {
  EXPECT_FALSE(parse("-ERR no\r\n"));
  EXPECT_FALSE(parse("*0\r\n"));
  EXPECT_FALSE(parse("$-1\r\n"));
  EXPECT_FALSE(parse(":10000\r\n"));
}

}  // namespace
}  // namespace spillway::balancer
