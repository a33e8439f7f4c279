#include <gtest/gtest.h>

#include "balancer/policy.h"
#include "balancer/policy_testing.h"

namespace spillway::balancer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::vector<RedistributeDecision> moves(Policy& policy, const FleetView& fleet) {
  return only<RedistributeDecision>(policy.decide(fleet));
}

std::vector<RedistributeDecision> moves(const FleetView& fleet) {
  Policy policy({});
  return moves(policy, fleet);
}

// How many viewers leave "a".
std::uint32_t leave_a(Policy& policy, const FleetView& fleet) {
  std::uint32_t n = 0;
  for (const RedistributeDecision& move : moves(policy, fleet)) {
    if (move.server == "a") n += move.order.n;
  }
  return n;
}

std::uint32_t leave_a(const FleetView& fleet) {
  Policy policy({});
  return leave_a(policy, fleet);
}

TEST(PolicyRedistribute, FourInAHundredLeaveAServerThatIsOver) {
  const struct {
    double load;
    double lag_ms;
    std::uint32_t leave;
  } cases[] = {{1.14, 1, 0}, {1.15, 1, 0},    {1.1501, 1, 40}, {2.3, 1, 40}, {0.5, 14.9, 0},
               {0.5, 15, 0}, {0.5, 15.1, 40}, {0.0, 80, 40},   {1.2, 20, 40}};
  for (const auto& [load, lag_ms, expected] : cases) {
    ServerView server = server_with("a", load);
    server.lag_ms = lag_ms;
    EXPECT_EQ(leave_a(fleet_of({server, server_with("b", 0.1)})), expected)
        << load << " " << lag_ms;
  }
}

TEST(PolicyRedistribute, TheShareIsRoundedUp) {
  for (const auto& [viewers, leave] :
       {std::pair{0U, 0U}, {1U, 1U}, {25U, 1U}, {26U, 2U}, {1000U, 40U}, {1001U, 41U}}) {
    ServerView server = server_with("a", 0.5);
    server.lag_ms = 50;
    server.viewers = viewers;
    EXPECT_EQ(leave_a(fleet_of({server, server_with("b", 0.1)})), leave) << viewers;
  }
}

TEST(PolicyRedistribute, DecidesNothingFromWhatIsNotKnown) {
  ServerView server = server_with("a", 2);
  server.redistribute_load.reset();
  server.lag_ms.reset();
  EXPECT_EQ(leave_a(fleet_of({server, server_with("b", 0.1)})), 0U);
  server.lag_ms = 50;  // either will do
  EXPECT_EQ(leave_a(fleet_of({server, server_with("b", 0.1)})), 40U);
}

TEST(PolicyRedistribute, WhoDrainsOrIsSilentIsNotJudged) {
  ServerView draining = server_with("a", 2);
  draining.draining = true;
  ServerView silent = server_with("a", 2);
  silent.alive = false;
  EXPECT_EQ(leave_a(fleet_of({draining, server_with("b", 0.1)})), 0U);
  EXPECT_EQ(leave_a(fleet_of({silent, server_with("b", 0.1)})), 0U);
}

TEST(PolicyRedistribute, NobodyIsSentWhereThereIsNoRoom) {
  ServerView full = server_with("full", 0.8);
  ServerView filling = server_with("filling", 0.3);
  filling.expected_load = 0.8;  // others were just sent there
  ServerView was_full = server_with("was_full", 0.9);
  was_full.expected_load = 0.2;
  ServerView draining = server_with("draining", 0.1);
  draining.draining = true;
  ServerView silent = server_with("silent", 0.1);
  silent.alive = false;
  ServerView lagging = server_with("lagging", 0.1);
  lagging.lag_ms = 15.1;
  for (const ServerView& other : {full, filling, was_full, draining, silent, lagging}) {
    EXPECT_EQ(leave_a(fleet_of({server_with("a", 2), other})), 0U) << other.id;
  }
  EXPECT_TRUE(moves(fleet_of({server_with("a", 2)})).empty());
}

TEST(PolicyRedistribute, AServerThatHasJustBegunTakesViewers) {
  const auto decided = moves(fleet_of({server_with("a", 2), new_server("b")}));
  ASSERT_EQ(decided.size(), 1U);
  ASSERT_EQ(decided[0].order.targets.size(), 1U);
  EXPECT_EQ(decided[0].order.targets[0], (protocol::Redistribute::Target{"ws://b", 40}));
}

TEST(PolicyRedistribute, AServerThatLagsWithLittleLoadIsNotItsOwnTarget) {
  ServerView lagging = server_with("a", 0.1);
  lagging.lag_ms = 50;
  ServerView both = server_with("b", 0.1);
  both.lag_ms = 50;
  EXPECT_TRUE(moves(fleet_of({lagging, both})).empty());
}

TEST(PolicyRedistribute, NeverSendsMoreThanThereIsRoomFor) {
  // A viewer of "a" is 0.002 of load: b has room for 15 of them, c for 5.
  const auto decided =
      moves(fleet_of({server_with("a", 2), server_with("b", 0.7699), server_with("c", 0.7899)}));
  ASSERT_EQ(decided.size(), 1U);
  EXPECT_EQ(decided[0].order.n, 20U);
  EXPECT_EQ(decided[0].order.targets,
            (std::vector<protocol::Redistribute::Target>{{"ws://b", 15}, {"ws://c", 5}}));
}

TEST(PolicyRedistribute, TwoThatAreOverShareTheRoom) {
  const auto decided =
      moves(fleet_of({server_with("a", 2), server_with("b", 2), server_with("c", 0.6999)}));
  ASSERT_EQ(decided.size(), 2U);
  EXPECT_EQ(decided[0].order.n, 40U);
  EXPECT_EQ(decided[1].order.n, 10U);
}

TEST(PolicyRedistribute, LeaversOfHotRoomsTakeMoreRoom) {
  ServerView hot = server_with("a", 2);
  hot.leaver_cost = 4;
  const auto decided = moves(fleet_of({hot, server_with("b", 0.6399)}));
  ASSERT_EQ(decided.size(), 1U);
  EXPECT_DOUBLE_EQ(decided[0].leaver_load, 0.008);
  EXPECT_EQ(decided[0].order.n, 20U);
}

TEST(PolicyRedistribute, RepeatsEachSecondWhileItHolds) {
  Policy policy({});
  for (int second = 0; second < 30; ++second) {
    const FleetView fleet = fleet_of({server_with("a", 2), server_with("b", 0)}, seconds(second));
    EXPECT_EQ(leave_a(policy, fleet), 40U) << second;
  }
}

TEST(PolicyRedistribute, ThoseToldToLeaveCountAsGoneUntilTheMeanShowsIt) {
  Policy policy({});
  const auto at = [&policy](milliseconds time) {
    return leave_a(policy, fleet_of({server_with("a", 1.19), server_with("b", 0)}, time));
  };
  EXPECT_EQ(at(milliseconds(0)), 40U);     // 1.19 x 0.96 = 1.142 to come
  EXPECT_EQ(at(milliseconds(1000)), 0U);   // still to be seen
  EXPECT_EQ(at(milliseconds(2000)), 0U);   // nine tenths of it
  EXPECT_EQ(at(milliseconds(3000)), 40U);  // 1.157: it should show more of it by now
}

TEST(PolicyRedistribute, AnotherBalancersOrdersAreNotOurs) {
  Policy policy({});
  const std::vector<ServerView> servers{server_with("a", 1.19), server_with("b", 0)};
  EXPECT_EQ(leave_a(policy, fleet_of(servers)), 40U);
  EXPECT_EQ(leave_a(policy, fleet_of(servers, seconds(1))), 0U);
  policy.forget();
  EXPECT_EQ(leave_a(policy, fleet_of(servers, seconds(1))), 40U);
}

TEST(PolicyRedistribute, AServerThatVanishesIsForgottenAndOneThatAppearsIsUsed) {
  Policy policy({});
  EXPECT_EQ(leave_a(policy, fleet_of({server_with("a", 2)})), 0U);
  EXPECT_EQ(leave_a(policy, fleet_of({server_with("a", 2), new_server("b")}, seconds(1))), 40U);
  EXPECT_EQ(leave_a(policy, fleet_of({server_with("b", 0)}, seconds(2))), 0U);
  EXPECT_EQ(leave_a(policy, fleet_of({server_with("a", 2)}, seconds(3))), 0U);
}

TEST(PolicyDescription, SaysWhatWhyAndTheNumbers) {
  Policy policy({});
  const auto decisions = policy.decide(fleet_of({server_with("a", 2), server_with("b", 0.1)}));
  ASSERT_EQ(decisions.size(), 1U);
  const Description by_load = describe(decisions[0], policy.settings());
  EXPECT_EQ(by_load.what, "redistribute");
  EXPECT_EQ(by_load.why, "a is overloaded: 40 of its viewers go to a server with room");
  EXPECT_EQ(by_load.numbers[0], (std::pair<std::string_view, double>{"load", 2.0}));

  EXPECT_EQ(describe(SpawnDecision{"a", 1.1}, {}).what, "spawn");
  EXPECT_EQ(describe(ShrinkDecision{"a", 7, 0.2}, {}).what, "shrink");
  EXPECT_EQ(describe(HealDecision{0, 0}, {}).why, "there are fewer servers than --servers-min");
  EXPECT_NE(describe(HealDecision{2, 1.7}, {}).why.find("no room"), std::string::npos);
}

}  // namespace
}  // namespace spillway::balancer
