#include <gtest/gtest.h>

#include "balancer/fleet_testing.h"
#include "balancer/stats_feed.h"
#include "balancer/stats_json.h"
#include "balancer/stats_testing.h"

namespace spillway::balancer {
namespace {

Fleet empty_fleet() { return Fleet(kFleetCapacity, Silence{}); }

std::string changed_servers(ServerChanges& changes, const Fleet& fleet) {
  return canonical("[" + changes.tick(fleet).changed + "]");
}

std::string gone_servers(ServerChanges& changes, const Fleet& fleet) {
  return canonical("[" + changes.tick(fleet).gone + "]");
}

std::string changed_rooms(RoomChanges& changes, const Fleet& fleet) {
  return canonical("{" + changes.tick(fleet).changed + "}");
}

std::string whole(const Fleet& fleet, std::string_view id) {
  std::string text;
  append_server(text, *fleet.find(id));
  return text;
}

TEST(ServerChanges, ANewServerComesWhole) {
  Fleet fleet = empty_fleet();
  ServerChanges changes;
  fleet.apply(reading_at(0, {reading_of("a", 1)}));
  EXPECT_EQ(changed_servers(changes, fleet), canonical("[" + whole(fleet, "a") + "]"));
  fleet.apply(reading_at(1, {reading_of("b", 1), reading_of("a", 1), reading_of("c", 1)}));
  EXPECT_EQ(changed_servers(changes, fleet),
            canonical("[" + whole(fleet, "b") + "," + whole(fleet, "c") + "]"));
}

TEST(ServerChanges, TellNothingWhereNothingChanged) {
  Fleet fleet = empty_fleet();
  ServerChanges changes;
  for (int second = 0; second < 3; ++second) {
    fleet.apply(reading_at(second, {reading_of("a", 1, 5), reading_of("b", 2, 7)}));
    fleet.apply_server_rooms("a", {{"lobby", 1}});
    const ServerChanges::Text text = changes.tick(fleet);
    EXPECT_EQ(text.changed.empty(), second > 0) << text.changed;
    EXPECT_EQ(text.gone, "");
  }
}

TEST(ServerChanges, TellOnlyWhatChanged) {
  Fleet fleet = empty_fleet();
  ServerChanges changes;
  ServerReading a = reading_of("a", 1, 5);
  fleet.apply(reading_at(0, {a, reading_of("b", 2)}));
  changes.tick(fleet);
  a.viewers = 2;
  fleet.apply(reading_at(1, {a, reading_of("b", 2)}));
  EXPECT_EQ(changed_servers(changes, fleet), R"([{"id":"a","state":{"clients":2}}])");

  a.deliveries = 9;
  a.fanouts = 3;
  a.flushes = 4;
  a.lag_ms = 1.2345;
  a.busy = 0.5;
  a.rss = 10;
  a.heap_used = 20;
  a.status = "draining";
  fleet.apply(reading_at(2, {a, reading_of("b", 3)}));
  EXPECT_EQ(changed_servers(changes, fleet),
            canonical(R"([{"id":"a","state":{"socketWrites":9,"timeouts":1.235,"fanouts":3,
                           "busy":0.5,"flushes":4,"memory":{"rss":10,"heapUsed":20},
                           "status":"draining"}},
                          {"id":"b","state":{"clients":3}}])"));
}

TEST(ServerChanges, ARoomThatWasLeftHasNoViewers) {
  Fleet fleet = empty_fleet();
  ServerChanges changes;
  fleet.apply(reading_at(0, {reading_of("a", 1)}));
  fleet.apply_server_rooms("a", {{"stays", 1}, {"grows", 1}, {"left", 1}});
  changes.tick(fleet);
  fleet.apply_server_rooms("a", {{"stays", 1}, {"grows", 2}, {"new \"one\"", 1}});
  EXPECT_EQ(changed_servers(changes, fleet), canonical(R"([{"id":"a","state":{"chatRooms":
                           {"grows":2,"left":0,"new \"one\"":1}}}])"));
  EXPECT_EQ(changed_servers(changes, fleet), "[]");
}

TEST(ServerChanges, AServerThatIsGoneIsToldOnceAndComesBackWhole) {
  Fleet fleet = empty_fleet();
  ServerChanges changes;
  fleet.apply(reading_at(0, {reading_of("a", 1), reading_of("b", 1)}));
  EXPECT_EQ(gone_servers(changes, fleet), "[]");
  fleet.apply(reading_at(1, {reading_of("b", 1)}));
  EXPECT_EQ(gone_servers(changes, fleet), R"(["a"])");
  EXPECT_EQ(gone_servers(changes, fleet), "[]");
  fleet.apply(reading_at(2, {reading_of("a", 1), reading_of("b", 1)}));
  EXPECT_EQ(changed_servers(changes, fleet), canonical("[" + whole(fleet, "a") + "]"));
  fleet.apply(reading_at(3, {}));
  const std::string both = gone_servers(changes, fleet);
  EXPECT_TRUE(both == R"(["a","b"])" || both == R"(["b","a"])") << both;
}

TEST(ServerChanges, AnOrderToDrainShowsAtOnce) {
  Fleet fleet = empty_fleet();
  ServerChanges changes;
  fleet.apply(reading_at(0, {reading_of("a", 1)}));
  changes.tick(fleet);
  fleet.told_to_drain("a", kFleetStart);
  EXPECT_EQ(changed_servers(changes, fleet), R"([{"id":"a","state":{"status":"draining"}}])");
}

TEST(RoomChanges, TellNewChangedAndGone) {
  Fleet fleet = empty_fleet();
  RoomChanges changes(10);
  fleet.apply(reading_at(0, {}));
  fleet.apply_rooms({{"a", 1, 10, 100}, {"b", 2, 20, 200}});
  const ServerChanges::Text first = changes.tick(fleet);
  std::string whole_a;
  std::string whole_b;
  append_room(whole_a, *fleet.rooms().at("a"));
  append_room(whole_b, *fleet.rooms().at("b"));
  EXPECT_EQ(canonical("{" + first.changed + "}"),
            canonical(R"({"a":)" + whole_a + R"(,"b":)" + whole_b + "}"));
  EXPECT_EQ(first.gone, "");

  EXPECT_EQ(changed_rooms(changes, fleet), "{}");

  fleet.apply_rooms({{"a", 1, 11, 101}, {"b", 3, 20, 200}});
  EXPECT_EQ(
      changed_rooms(changes, fleet),
      canonical(
          R"({"a":{"cumulativeMessages":11,"cumulativeSocketWrites":101},"b":{"clients":3}})"));

  fleet.apply_rooms({{"b", 3, 20, 200}});
  const ServerChanges::Text last = changes.tick(fleet);
  EXPECT_EQ(last.changed, "");
  EXPECT_EQ(last.gone, R"("a")");
}

TEST(RoomChanges, ARoomThatIsNoLongerAmongTheBusiestIsGone) {
  Fleet fleet = empty_fleet();
  RoomChanges changes(1);
  fleet.apply(reading_at(0, {}));
  fleet.apply_rooms({{"a", 2, 0, 0}, {"b", 1, 0, 0}});
  EXPECT_EQ(changes.tick(fleet).gone, "");
  fleet.apply_rooms({{"a", 2, 0, 0}, {"b", 3, 0, 0}});
  const ServerChanges::Text text = changes.tick(fleet);
  EXPECT_EQ(text.gone, R"("a")");
  EXPECT_NE(canonical("{" + text.changed + "}").find(R"("b":{"clients":[)"), std::string::npos);
}

TEST(RoomChanges, NamesAreEscaped) {
  Fleet fleet = empty_fleet();
  RoomChanges changes(10);
  fleet.apply(reading_at(0, {}));
  fleet.apply_rooms({{"\"\\\n", 1, 0, 0}});
  EXPECT_EQ(changed_rooms(changes, fleet).rfind("{\"", 0), 0U);
  fleet.apply_rooms({});
  EXPECT_EQ(canonical("[" + changes.tick(fleet).gone + "]"), R"(["\"\\\n"])");
}

}  // namespace
}  // namespace spillway::balancer
