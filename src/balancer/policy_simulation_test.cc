// An hour of a fleet with the balancer's own rules: how long servers stay overloaded, and how many
// viewers are moved for nothing.
#include <gtest/gtest.h>

#include <iostream>
#include <memory>

#include "balancer/simulation.h"

namespace spillway::balancer {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class PolicySimulation : public ::testing::Test {
 protected:
  void start(std::uint64_t seed, double load) {
    std::cout << "seed " << seed << '\n';
    fleet_ = std::make_unique<Simulation>(seed);
    fleet_->arrivals_per_s = 400;
    while (fleet_->mean_load() < load) fleet_->run(seconds(1));
    fleet_->arrivals_per_s = 5;
    fleet_->leaving_share = 0.0005;
    fleet_->run(seconds(10));
    fleet_->take_counts();
  }

  // What must hold whatever happens.
  SimulationCounts run(const char* what, Duration time) {
    fleet_->run(time);
    const SimulationCounts counts = fleet_->take_counts();
    std::cout << what << ": " << fleet_->servers() << " servers, mean load " << fleet_->mean_load()
              << ", most " << counts.load_max << "; moved " << counts.moved << ", for nothing "
              << counts.moved_for_nothing << ", again " << counts.moved_again << "; spawned "
              << counts.spawns << ", shrunk " << counts.shrinks << "; over for "
              << to_ms(counts.over_longest) / 1000 << " s\n";
    EXPECT_LE(counts.over_longest, seconds(25)) << what;
    EXPECT_LE(counts.pushed_over, counts.moved / 100) << what;
    EXPECT_LE(counts.moved_again, counts.moved / 100) << what;
    total_moved_ += counts.moved;
    total_for_nothing_ += counts.moved_for_nothing;
    return counts;
  }

  // Viewers come whom the balancer did not send.
  void overload(std::size_t server, double load) {
    while (fleet_->server(server).load() < load) {
      fleet_->join(fleet_->server(server), fleet_->popular_room());
    }
  }

  void set_rates(double factor) {
    for (std::size_t room = 5; room < 15; ++room) {
      fleet_->set_rate(room, fleet_->room(room).messages_per_s * factor);
    }
  }

  void raid(std::size_t room, int viewers) {
    for (int second = 0; second < 10; ++second) {
      for (int i = 0; i < viewers / 10; ++i) fleet_->arrive(room);
      fleet_->run(seconds(1));
    }
  }

  std::unique_ptr<Simulation> fleet_;
  std::uint64_t total_moved_ = 0;
  std::uint64_t total_for_nothing_ = 0;
};

TEST_F(PolicySimulation, AnHourOfChangesMovesFewForNothing) {
  start(1, 0.6);
  EXPECT_EQ(run("steady", minutes(5)).moved, 0U);

  overload(2, 2.3);
  overload(11, 2.3);
  const SimulationCounts step = run("step to twice the threshold", minutes(5));
  EXPECT_GT(step.moved, 0U);
  EXPECT_EQ(step.spawns, 0U);  // the others had room

  set_rates(4);
  EXPECT_GT(run("rooms wake up", minutes(5)).spawns, 0U);
  set_rates(0.25);
  EXPECT_EQ(run("and fall silent", minutes(5)).moved, 0U);

  raid(7, 5000);
  fleet_->set_rate(7, 15);
  run("raid", minutes(5));

  fleet_->arrivals_per_s = 0;
  fleet_->leaving_share = 0.001;
  const SimulationCounts decline = run("decline", minutes(35));
  EXPECT_GT(decline.shrinks, 2U);
  EXPECT_EQ(decline.moved, 0U);

  EXPECT_LE(total_for_nothing_, total_moved_ / 10);
}

TEST_F(PolicySimulation, AStepIsOverSoonWhateverTheChance) {
  for (const std::uint64_t seed : {2, 3}) {
    start(seed, 0.6);
    overload(3, 2.3);
    run("step", minutes(1));
  }
  EXPECT_LE(total_for_nothing_, total_moved_ / 10);
}

TEST_F(PolicySimulation, FewWithRoomAreNotPushedOverByManyWithout) {
  start(4, 0.5);
  set_rates(4);
  for (std::size_t i = 3; i < fleet_->servers(); ++i) overload(i, i < 6 ? 1.6 : 0.9);
  const SimulationCounts counts = run("three with room", minutes(2));
  EXPECT_GT(counts.moved, 0U);
}

}  // namespace
}  // namespace spillway::balancer
