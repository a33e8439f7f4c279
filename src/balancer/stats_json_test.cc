#include "balancer/stats_json.h"

#include <gtest/gtest.h>

#include <limits>

#include "balancer/fleet_testing.h"
#include "balancer/stats_testing.h"

namespace spillway::balancer {
namespace {

const std::string kFirst = "6f1c8a9e-3b52-4d7e-9a10-0123456789ab";
const std::string kSecond = "0b8bb77e-4f0c-4c5a-9d57-0b8f5f9e7a11";

ServerReading first_server(int second) {
  const auto n = static_cast<unsigned>(second);
  ServerReading server = reading_of(kFirst, 10 + n, 100 + 250 * n);
  server.url = "ws://10.0.0.1:8080";
  server.lag_ms = 0.5 + 0.75 * second;
  server.fanouts = 10 + 10 * n;
  server.busy = second == 2 ? 0.25 : 0.1 + 0.025 * second;
  server.flushes = 50 + 100 * n;
  server.rss = 104'857'600;
  server.heap_total = 83'886'080;
  server.heap_used = 52'428'800;
  return server;
}

ServerReading second_server() {
  ServerReading server = reading_of(kSecond, 4, 9'007'199'254'740'991);
  server.url = "wss://b.example/chat";
  server.status = "draining";
  server.lag_ms = 0.12345;
  server.fanouts = 7;
  server.busy = 1;
  server.flushes = 8;
  server.rss = 1;
  server.heap_total = 2;
  server.heap_used = 3;
  return server;
}

// Three seconds of one server and two rooms; the other server and room are there at last only.
Fleet golden_fleet() {
  Fleet fleet(kFleetCapacity, Silence{});
  fleet.apply(reading_at(0, {first_server(0)}));
  fleet.apply_rooms({{"lobby", 8, 20, 100}});
  fleet.apply(reading_at(1, {first_server(1)}));
  fleet.apply_rooms({{"lobby", 9, 40, 300}});
  fleet.apply(reading_at(2, {first_server(2), second_server()}));
  fleet.apply_rooms({{"lobby", 13, 60, 500}, {"Zürich \"live\"", 3, 5, 15}});
  fleet.apply_server_rooms(kFirst, {{"lobby", 9}, {"Zürich \"live\"", 3}});
  return fleet;
}

TEST(StatsJson, IsTheGoldenFile) {
  DecisionLog decisions;
  decisions.add({1'795'000'000'000,
                 "spawn",
                 "a is over, and no other server has room",
                 {{"load", 1.25}, {"above", 1}, {"room_below", 0.8}}});
  decisions.add({1'795'000'001'000, "remove", "b is silent; its entries were removed", {}});
  simdjson::dom::parser parser;
  simdjson::dom::element golden;
  const std::string path = std::string(SPILLWAY_GOLDEN_DIR) + "/redis-stats.json";
  ASSERT_EQ(parser.load(path).get(golden), simdjson::SUCCESS) << path;
  EXPECT_EQ(canonical(redis_stats_json(golden_fleet(), decisions, 200)), canonical(golden));
}

TEST(StatsJson, OfNobodyIsEmptyButWhole) {
  EXPECT_EQ(redis_stats_json(Fleet(kFleetCapacity, Silence{}), DecisionLog(), 200),
            R"({"socketServers":[],"chatRooms":{},"blackList":{},"decisions":[]})");
}

TEST(StatsJson, HasTheBusiestRoomsOnly) {
  Fleet fleet(kFleetCapacity, Silence{});
  fleet.apply(reading_at(0, {}));
  fleet.apply_rooms({{"c", 5, 0, 0}, {"a", 7, 0, 0}, {"d", 1, 0, 0}, {"b", 5, 0, 0}});
  const auto names = [&fleet](std::size_t count) {
    std::string text;
    for (const Fleet::Room* const room : busiest_rooms(fleet, count)) text += room->name;
    return text;
  };
  EXPECT_EQ(names(0), "");
  EXPECT_EQ(names(1), "a");
  EXPECT_EQ(names(3), "abc");
  EXPECT_EQ(names(SIZE_MAX), "abcd");
  const std::string json = redis_stats_json(fleet, DecisionLog(), 2);
  EXPECT_NE(json.find(R"("b":{)"), std::string::npos);
  EXPECT_EQ(json.find(R"("c":{)"), std::string::npos);
}

TEST(StatsJson, AServerIsDrainingFromTheOrderOn) {
  Fleet fleet(kFleetCapacity, Silence{});
  fleet.apply(reading_at(0, {reading_of("a", 0)}));
  EXPECT_EQ(shown_status(*fleet.find("a")), "up");
  fleet.told_to_drain("a", kFleetStart);
  EXPECT_EQ(shown_status(*fleet.find("a")), "draining");
  ServerReading odd = reading_of("b", 0);
  odd.status = "\"odd";
  fleet.apply(reading_at(1, {odd}));
  EXPECT_EQ(shown_status(*fleet.find("b")), "up");
}

TEST(StatsJson, DecimalsAreShortAndFinite) {
  const struct {
    double number;
    const char* text;
  } cases[] = {{0, "0"},
               {1, "1"},
               {0.5, "0.5"},
               {1.23456, "1.235"},
               {0.0004, "0"},
               {-0.0004, "0"},
               {0.1 + 0.2, "0.3"},
               {-1.5, "-1.5"},
               {123456.789, "123456.789"},
               {std::numeric_limits<double>::infinity(), "0"},
               {std::numeric_limits<double>::quiet_NaN(), "0"}};
  for (const auto& [number, text] : cases) {
    std::string out;
    append_decimal(out, number);
    EXPECT_EQ(out, text);
  }
  for (const double number : {1e15, 1e16, 1e30, 1e300}) {
    std::string out;
    append_decimal(out, number);
    EXPECT_EQ(canonical(out), canonical(fmt::format("{}", number)));
  }
}

TEST(StatsJson, TheListOfDecisionsIsBounded) {
  DecisionLog decisions;
  for (int i = 0; i < 250; ++i) decisions.add({i, "create", "asked for", {}});
  EXPECT_EQ(decisions.entries().size(), DecisionLog::kEntriesMax);
  EXPECT_EQ(decisions.entries().front().at_ms, 150);
  EXPECT_EQ(decisions.added(), 250U);
}

}  // namespace
}  // namespace spillway::balancer
