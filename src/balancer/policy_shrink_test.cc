#include <gtest/gtest.h>

#include "balancer/policy.h"
#include "balancer/policy_testing.h"

namespace spillway::balancer {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Whom it drains; empty: nobody.
std::string shrinks(Policy& policy, const FleetView& fleet) {
  const auto shrunk = only<ShrinkDecision>(policy.decide(fleet));
  return shrunk.empty() ? "" : shrunk[0].server;
}

PolicySettings settings(std::uint32_t servers_min) {
  PolicySettings settings;
  settings.servers_min = servers_min;
  settings.servers_max = 10;
  return settings;
}

// Whom it drains if the fleet stays like that.
std::string shrinks_later(std::vector<ServerView> servers, std::uint32_t servers_min = 1,
                          std::uint32_t starting = 0) {
  Policy policy(settings(servers_min));
  FleetView fleet = fleet_of(std::move(servers));
  fleet.starting = starting;
  EXPECT_EQ(shrinks(policy, fleet), "");
  fleet.now += minutes(5);
  return shrinks(policy, fleet);
}

ServerView with_viewers(ServerView server, std::uint64_t viewers) {
  server.viewers = viewers;
  return server;
}

TEST(PolicyShrink, WhereOneFewerWouldCarryItAtHalfLoad) {
  const struct {
    double a, b, c;
    bool shrinks;
  } cases[] = {{0.25, 0.25, 0.25, true}, {0.5, 0.25, 0.25, true}, {0.5, 0.25, 0.26, false},
               {0.9, 0.05, 0.05, true},  {0, 0, 0, true},         {0.4, 0.4, 0.4, false}};
  for (const auto& [a, b, c, expected] : cases) {
    const std::string drained =
        shrinks_later({server_with("a", a), server_with("b", b), server_with("c", c)});
    EXPECT_EQ(!drained.empty(), expected) << a << " " << b << " " << c;
  }
}

TEST(PolicyShrink, AfterFiveMinutesAndThenAgainAfterFive) {
  Policy policy(settings(1));
  const std::vector<ServerView> servers{server_with("a", 0.1), server_with("b", 0.1)};
  EXPECT_EQ(shrinks(policy, fleet_of(servers)), "");
  EXPECT_EQ(shrinks(policy, fleet_of(servers, minutes(5) - milliseconds(1))), "");
  EXPECT_EQ(shrinks(policy, fleet_of(servers, minutes(5))), "a");
  EXPECT_EQ(shrinks(policy, fleet_of(servers, minutes(5) + seconds(1))), "");
  EXPECT_EQ(shrinks(policy, fleet_of(servers, minutes(10))), "");
  EXPECT_EQ(shrinks(policy, fleet_of(servers, minutes(10) + seconds(1))), "a");
}

TEST(PolicyShrink, DrainsTheEmptiestOfOurs) {
  ServerView foreign = with_viewers(server_with("foreign", 0), 1);
  foreign.ours = false;
  EXPECT_EQ(shrinks_later({with_viewers(server_with("a", 0.1), 20), foreign,
                           with_viewers(server_with("b", 0.1), 10)}),
            "b");
  EXPECT_EQ(shrinks_later({foreign, foreign}), "");
}

TEST(PolicyShrink, NeverBelowServersMinAndNeverTheLast) {
  const std::vector<ServerView> three{server_with("a", 0), server_with("b", 0),
                                      server_with("c", 0)};
  EXPECT_EQ(shrinks_later(three, 2), "a");
  EXPECT_EQ(shrinks_later(three, 3), "");
  EXPECT_EQ(shrinks_later({server_with("a", 0)}, 0), "");
}

TEST(PolicyShrink, NotWhileItIsUnclearWhoCarriesWhat) {
  const ServerView a = server_with("a", 0.1);
  const ServerView b = server_with("b", 0.1);
  ServerView draining = server_with("c", 0.1);
  draining.draining = true;
  ServerView silent = server_with("c", 0.1);
  silent.alive = false;
  EXPECT_EQ(shrinks_later({a, b, draining}), "");
  EXPECT_EQ(shrinks_later({a, b, silent}), "");
  EXPECT_EQ(shrinks_later({a, b, new_server("c")}), "");
  EXPECT_EQ(shrinks_later({a, b}, 1, 1), "");
}

TEST(PolicyShrink, ViewersJustSentCount) {
  ServerView awaited = server_with("b", 0.1);
  awaited.expected_load = 0.5;
  EXPECT_EQ(shrinks_later({server_with("a", 0.1), awaited}), "");
}

TEST(PolicyShrink, WaitsAnewAfterWhatDidNotFit) {
  const std::vector<ServerView> fits{server_with("a", 0.1), server_with("b", 0.1)};
  const std::vector<ServerView> busier{server_with("a", 0.1), server_with("b", 0.5)};
  std::vector<ServerView> silent = fits;
  silent[1].alive = false;
  const std::vector<ServerView> more{server_with("a", 0.1), server_with("b", 0.1),
                                     server_with("c", 0.1)};
  const std::vector<ServerView> fewer{server_with("a", 0.1)};
  for (const auto& between : {busier, silent, more, fewer}) {
    Policy policy(settings(1));
    EXPECT_EQ(shrinks(policy, fleet_of(fits)), "");
    EXPECT_EQ(shrinks(policy, fleet_of(between, minutes(4))), "");
    EXPECT_EQ(shrinks(policy, fleet_of(fits, minutes(4) + seconds(1))), "");
    EXPECT_EQ(shrinks(policy, fleet_of(fits, minutes(9))), "");
    EXPECT_EQ(shrinks(policy, fleet_of(fits, minutes(9) + seconds(1))), "a");
  }
}

TEST(PolicyShrink, NotInTheSecondOfAnotherDecision) {
  Policy policy(settings(1));
  std::vector<ServerView> servers{server_with("a", 0.1), server_with("b", 0.1)};
  EXPECT_EQ(shrinks(policy, fleet_of(servers)), "");
  servers[0].lag_ms = 50;  // its viewers are handed off
  EXPECT_EQ(shrinks(policy, fleet_of(servers, minutes(5))), "");
  servers[0].lag_ms = 1;
  EXPECT_EQ(shrinks(policy, fleet_of(servers, minutes(5) + seconds(1))), "");
}

TEST(PolicyShrink, WaitsAnewAfterAnotherBalancerDecided) {
  Policy policy(settings(1));
  const std::vector<ServerView> servers{server_with("a", 0.1), server_with("b", 0.1)};
  EXPECT_EQ(shrinks(policy, fleet_of(servers)), "");
  policy.forget();
  EXPECT_EQ(shrinks(policy, fleet_of(servers, minutes(5))), "");
  EXPECT_EQ(shrinks(policy, fleet_of(servers, minutes(10))), "a");
}

}  // namespace
}  // namespace spillway::balancer
