#include "balancer/policy.h"

#include <gtest/gtest.h>

#include "balancer/policy_testing.h"

namespace spillway::balancer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

PolicySettings settings(std::uint32_t servers_min, std::uint32_t servers_max) {
  PolicySettings settings;
  settings.servers_min = servers_min;
  settings.servers_max = servers_max;
  return settings;
}

std::size_t heals(Policy& policy, const FleetView& fleet) {
  return only<HealDecision>(policy.decide(fleet)).size();
}

// On whose account a server is started; empty: none is.
std::string spawns(Policy& policy, const FleetView& fleet) {
  const auto spawned = only<SpawnDecision>(policy.decide(fleet));
  EXPECT_LE(spawned.size(), 1U);
  return spawned.empty() ? "" : spawned[0].server;
}

std::string spawns(const FleetView& fleet, std::uint32_t servers_max = 10) {
  Policy policy(settings(1, servers_max));
  return spawns(policy, fleet);
}

TEST(PolicyHeal, StartsAllThatAreMissingAtOnce) {
  const struct {
    std::size_t up;
    std::uint32_t starting;
    std::size_t heals;
  } cases[] = {{0, 0, 3}, {1, 0, 2}, {2, 0, 1}, {3, 0, 0}, {4, 0, 0}, {1, 1, 1}, {0, 3, 0}};
  for (const auto& [up, starting, expected] : cases) {
    Policy policy(settings(3, 10));
    FleetView fleet = fleet_of({});
    for (std::size_t i = 0; i < up; ++i) fleet.servers.push_back(new_server(std::to_string(i)));
    fleet.starting = starting;
    EXPECT_EQ(heals(policy, fleet), expected) << up << " and " << starting;
  }
}

TEST(PolicyHeal, AServerThatDrainsIsMissingAndOneThatIsSilentIsNotYet) {
  Policy policy(settings(2, 10));
  ServerView draining = server_with("a", 0.1);
  draining.draining = true;
  ServerView silent = server_with("b", 0.1);
  silent.alive = false;
  EXPECT_EQ(heals(policy, fleet_of({draining, silent})), 1U);
}

TEST(PolicyHeal, WaitsTwiceAsLongAfterEachYoungDeathUpToACap) {
  Policy policy(settings(1, 10));
  Duration now{0};
  for (const int delay_ms :
       {250, 500, 1000, 2000, 4000, 8000, 16'000, 30'000, 30'000, 30'000, 30'000}) {
    policy.child_died(kPolicyStart + now, seconds(0), 0);
    EXPECT_EQ(heals(policy, fleet_of({}, now + milliseconds(delay_ms - 1))), 0U) << delay_ms;
    now += milliseconds(delay_ms);
    EXPECT_EQ(heals(policy, fleet_of({}, now)), 1U) << delay_ms;
  }
}

TEST(PolicyHeal, NoNumberOfDeathsOverflowsTheWait) {
  Policy policy(settings(1, 10));
  for (int i = 0; i < 200; ++i) policy.child_died(kPolicyStart, seconds(0), 0);
  EXPECT_EQ(heals(policy, fleet_of({}, milliseconds(29'999))), 0U);
  EXPECT_EQ(heals(policy, fleet_of({}, seconds(30))), 1U);
}

TEST(PolicyHeal, ALongLifeForgivesEarlierDeaths) {
  const struct {
    milliseconds lived;
    milliseconds delay;
  } cases[] = {{milliseconds(4999), milliseconds(1000)},
               {milliseconds(5000), milliseconds(250)},
               {milliseconds(5001), milliseconds(250)}};
  for (const auto& [lived, delay] : cases) {
    Policy policy(settings(1, 10));
    policy.child_died(kPolicyStart, seconds(0), 0);
    policy.child_died(kPolicyStart, seconds(0), 0);
    policy.child_died(kPolicyStart, lived, 0);
    EXPECT_EQ(heals(policy, fleet_of({}, delay - milliseconds(1))), 0U);
    EXPECT_EQ(heals(policy, fleet_of({}, delay)), 1U);
  }
}

TEST(PolicyHeal, ReplacesOneThatDiedWhereTheOthersHaveNoRoomForItsViewers) {
  const struct {
    double others;  // the load of each of two
    double lost;
    std::size_t heals;
  } cases[] = {{0.5, 0.5, 0}, {0.5, 0.59, 0}, {0.5, 0.61, 1}, {0.9, 0.0, 0}, {0.9, 0.1, 1}};
  for (const auto& [others, lost, expected] : cases) {
    Policy policy(settings(1, 10));
    policy.child_died(kPolicyStart, seconds(60), lost);
    const FleetView fleet =
        fleet_of({server_with("a", others), server_with("b", others)}, seconds(1));
    EXPECT_EQ(heals(policy, fleet), expected) << others << " " << lost;
    EXPECT_EQ(heals(policy, fleet), 0U) << "once";
  }
}

TEST(PolicyHeal, ForViewersItStaysWithinServersMax) {
  Policy policy(settings(1, 2));
  policy.child_died(kPolicyStart, seconds(60), 0.9);
  EXPECT_EQ(heals(policy, fleet_of({server_with("a", 0.9), server_with("b", 0.9)}, seconds(1))),
            0U);
}

TEST(PolicyHeal, OneThatDiedUnderAnotherBalancerIsItsBusiness) {
  Policy policy(settings(1, 10));
  policy.child_died(kPolicyStart, seconds(60), 2.0);
  policy.forget();
  EXPECT_EQ(heals(policy, fleet_of({server_with("a", 0.5)}, seconds(1))), 0U);
}

TEST(PolicySpawn, ForALoadOverOneWhereNobodyElseHasRoom) {
  const struct {
    double load;
    double other;
    bool spawns;
  } cases[] = {{0.99, 0.9, false},   {1.0, 0.9, false}, {1.001, 0.9, true}, {1.5, 0.79, false},
               {1.5, 0.7999, false}, {1.5, 0.8, true},  {1.5, 0.81, true}};
  for (const auto& [load, other, expected] : cases) {
    const FleetView fleet = fleet_of({server_with("a", load), server_with("b", other)});
    EXPECT_EQ(spawns(fleet) == "a", expected) << load << " " << other;
  }
  EXPECT_EQ(spawns(fleet_of({server_with("a", 1.1)})), "a");
}

TEST(PolicySpawn, AServerThatHasJustBegunHasRoomUntilViewersWereSentThere) {
  ServerView fresh = new_server("b");
  EXPECT_EQ(spawns(fleet_of({server_with("a", 1.5), fresh})), "");
  fresh.expected_load = 0.9;
  EXPECT_EQ(spawns(fleet_of({server_with("a", 1.5), fresh})), "a");
}

TEST(PolicySpawn, DecidesNothingFromLoadsThatAreNotKnown) {
  ServerView unknown = server_with("a", 0);
  unknown.spawn_load.reset();
  unknown.redistribute_load = unknown.expected_load = 2;
  EXPECT_EQ(spawns(fleet_of({unknown})), "");
}

TEST(PolicySpawn, WhoDrainsOrIsSilentNeitherAsksNorHasRoom) {
  for (const bool draining : {true, false}) {
    ServerView out = server_with("b", 2);
    out.draining = draining;
    out.alive = draining;
    EXPECT_EQ(spawns(fleet_of({server_with("a", 0.9), out})), "");
    out.spawn_load = out.expected_load = 0.1;
    EXPECT_EQ(spawns(fleet_of({server_with("a", 1.1), out})), "a");
  }
}

TEST(PolicySpawn, OneASecondOnAccountOfTheMostLoaded) {
  Policy policy(settings(1, 10));
  const std::vector<ServerView> servers{server_with("a", 1.1), server_with("b", 1.3),
                                        server_with("c", 1.2)};
  EXPECT_EQ(spawns(policy, fleet_of(servers)), "b");
  EXPECT_EQ(spawns(policy, fleet_of(servers, seconds(1))), "c");
  EXPECT_EQ(spawns(policy, fleet_of(servers, seconds(2))), "a");
  EXPECT_EQ(spawns(policy, fleet_of(servers, seconds(3))), "");
}

TEST(PolicySpawn, OncePerServerWithinFifteenSeconds) {
  Policy policy(settings(1, 10));
  const std::vector<ServerView> servers{server_with("a", 1.1)};
  EXPECT_EQ(spawns(policy, fleet_of(servers)), "a");
  EXPECT_EQ(spawns(policy, fleet_of(servers, milliseconds(14'999))), "");
  EXPECT_EQ(spawns(policy, fleet_of(servers, seconds(15))), "");
  EXPECT_EQ(spawns(policy, fleet_of(servers, milliseconds(15'001))), "a");
  EXPECT_EQ(spawns(policy, fleet_of(servers, milliseconds(16'001))), "");
  policy.forget();
  EXPECT_EQ(spawns(policy, fleet_of(servers, milliseconds(17'001))), "a");
}

TEST(PolicySpawn, ThePauseOutlivesAShortAbsence) {
  Policy policy(settings(1, 10));
  EXPECT_EQ(spawns(policy, fleet_of({server_with("a", 1.1)})), "a");
  EXPECT_EQ(spawns(policy, fleet_of({server_with("b", 0.9)}, seconds(1))), "");
  EXPECT_EQ(spawns(policy, fleet_of({server_with("a", 1.1)}, seconds(2))), "");
}

TEST(PolicySpawn, StaysWithinServersMaxWithThoseOnTheirWay) {
  FleetView fleet = fleet_of({server_with("a", 1.1), server_with("b", 1.1)});
  EXPECT_EQ(spawns(fleet, 2), "");
  EXPECT_EQ(spawns(fleet, 3), "a");
  fleet.starting = 1;
  EXPECT_EQ(spawns(fleet, 3), "");
  fleet.servers[1].draining = true;
  EXPECT_EQ(spawns(fleet, 3), "a");
}

TEST(PolicySpawn, APauseIsNotSpentWhereServersMaxForbids) {
  Policy policy(settings(1, 2));
  FleetView fleet = fleet_of({server_with("a", 1.1)});
  fleet.starting = 1;
  EXPECT_EQ(spawns(policy, fleet), "");
  fleet.starting = 0;
  EXPECT_EQ(spawns(policy, fleet), "a");
}

TEST(PolicySpawn, WaitsOutTheBackOffOfServersThatDieYoung) {
  Policy policy(settings(1, 10));
  for (int i = 0; i < 3; ++i) policy.child_died(kPolicyStart, seconds(0), 0);
  EXPECT_EQ(spawns(policy, fleet_of({server_with("a", 1.1)}, milliseconds(999))), "");
  EXPECT_EQ(spawns(policy, fleet_of({server_with("a", 1.1)}, milliseconds(1000))), "a");
}

}  // namespace
}  // namespace spillway::balancer
