#include "balancer/stats_totals.h"

#include <gtest/gtest.h>

#include "balancer/fleet_testing.h"
#include "balancer/stats_testing.h"

namespace spillway::balancer {
namespace {

constexpr std::int64_t kAtMs = 1'795'000'000'000;

Fleet rooms_fleet() { return Fleet(kFleetCapacity, Silence{}); }

// The entries of a history that ends so.
std::string history_ending(const std::vector<double>& last) {
  std::string text = "[";
  for (std::size_t i = last.size(); i < 100; ++i) text += "0,";
  for (const double entry : last) text += fmt::format("{},", entry);
  text.back() = ']';
  return text;
}

TEST(StatsTotals, TheWholeHasHistoriesThatEndNow) {
  Fleet fleet = rooms_fleet();
  PolicySettings policy;
  policy.servers_max = 4;
  StatsTotals totals(policy, kFleetCapacity);
  fleet.apply(reading_at(0, {}));
  fleet.apply_rooms({{"a", 1, 10, 0}});
  totals.tick(fleet, {3, false}, kAtMs);
  fleet.apply(reading_at(1, {}));
  fleet.apply_rooms({{"a", 1, 14, 0}, {"b", 1, 7, 0}});
  totals.tick(fleet, {5, true}, kAtMs + 1001);
  EXPECT_EQ(canonical(totals.whole()),
            canonical(R"({"at":)" + history_ending({kAtMs, kAtMs + 1001}) + R"(,"rooms":)" +
                      history_ending({1, 2}) + R"(,"messagesPerS":)" + history_ending({0, 4}) +
                      R"(,"provisions":)" + history_ending({3, 5}) +
                      R"(,"deciding":true,"settings":{"serversMin":1,"serversMax":4,
                         "spawnWrites":1000,"spawnBusy":0.7,"roomBelow":0.8,"spawnAbove":1,
                         "redistributeAbove":1.15,"redistributeLagMs":15,"shrinkBelow":0.5}})"));
}

TEST(StatsTotals, AChangeHasOnlyWhatIsNew) {
  Fleet fleet = rooms_fleet();
  StatsTotals totals(PolicySettings{}, kFleetCapacity);
  fleet.apply(reading_at(0, {}));
  fleet.apply_rooms({{"a", 1, 10, 0}});
  EXPECT_EQ(canonical(totals.tick(fleet, {0, false}, kAtMs)), R"({"rooms":1})");
  EXPECT_EQ(totals.tick(fleet, {0, false}, kAtMs + 1000), "{}");
  EXPECT_EQ(canonical(totals.tick(fleet, {2, true}, kAtMs + 2000)),
            canonical(R"({"provisions":2,"deciding":true})"));
  fleet.apply(reading_at(1, {}));
  fleet.apply_rooms({{"a", 1, 12, 0}});
  EXPECT_EQ(canonical(totals.tick(fleet, {2, true}, kAtMs + 3000)), R"({"messagesPerS":2})");
}

TEST(StatsTotals, RoomsThatAreGoneCountNoMore) {
  Fleet fleet = rooms_fleet();
  StatsTotals totals(PolicySettings{}, kFleetCapacity);
  for (int second = 0; second < 2; ++second) {
    fleet.apply(reading_at(second, {}));
    fleet.apply_rooms({{"a", 1, static_cast<std::uint64_t>(10 * second), 0}});
    totals.tick(fleet, {}, kAtMs);
  }
  fleet.apply(reading_at(2, {}));
  fleet.apply_rooms({});
  EXPECT_EQ(canonical(totals.tick(fleet, {}, kAtMs)), canonical(R"({"rooms":0,"messagesPerS":0})"));
}

}  // namespace
}  // namespace spillway::balancer
