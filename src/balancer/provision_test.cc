#include "balancer/provision.h"

#include <gtest/gtest.h>

#include <map>

#include "balancer/fleet_testing.h"
#include "base/random.h"

namespace spillway::balancer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kNow = kFleetStart + seconds(3);  // after apply_steady()

class ProvisionerTest : public ::testing::Test {
 protected:
  void start(const std::vector<SteadyServer>& servers) {
    apply_steady(fleet_, servers);
    provisioner_.refresh(fleet_, kNow);
  }

  // A room with that many messages a second.
  void add_room(const std::string& name, std::uint64_t messages_per_s) {
    apply_rooms_twice({{name, 1, 0, 0}}, {{name, 1, messages_per_s, 0}});
  }

  std::string choose(std::string_view room = "", Duration after = Duration{0}) {
    const auto choice = provisioner_.choose(room, kNow + after);
    return choice ? std::string(choice->id) : "nobody";
  }

  std::map<std::string, int> choose_many(int count, std::string_view room = "") {
    std::map<std::string, int> sent;
    for (int i = 0; i < count; ++i) ++sent[choose(room, milliseconds(i * 1000L / count))];
    return sent;
  }

  Fleet fleet_{kFleetCapacity, Silence{}};
  Provisioner provisioner_{ProvisionSettings{}, [random = Random(7)](std::uint64_t bound) mutable {
                             return random.below(bound);
                           }};

 private:
  void apply_rooms_twice(std::vector<RoomReading> first, std::vector<RoomReading> second) {
    fleet_.apply_rooms(std::move(first));
    fleet_.apply_rooms(std::move(second));
  }
};

TEST_F(ProvisionerTest, ChoosesTheServerWithTheLowestLoad) {
  start({{"a", 1, 300}, {"b", 90, 100}, {"c", 5, 500}});
  const auto choice = provisioner_.choose("", kNow);
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->id, "b");
  EXPECT_EQ(choice->url, "ws://b");
}

TEST_F(ProvisionerTest, EqualLoadsAreToldApartByViewers) {
  start({{"a", 50, 300}, {"b", 20, 310}, {"c", 90, 290}});
  EXPECT_EQ(choose(), "b");
}

TEST_F(ProvisionerTest, HasNobodyToOfferWithoutALivingServer) {
  EXPECT_EQ(provisioner_.choose("", kNow), std::nullopt);
  provisioner_.refresh(fleet_, kNow);
  EXPECT_EQ(choose(), "nobody");
  ServerReading silent = reading_of("a", 0);
  silent.silence = seconds(2);
  ServerReading draining = reading_of("b", 0);
  draining.status = "draining";
  ServerReading mute = reading_of("c", 0);
  mute.silence.reset();
  ServerReading nowhere = reading_of("d", 0);
  nowhere.url.clear();
  fleet_.apply(reading_at(0, {silent, draining, mute, nowhere}));
  provisioner_.refresh(fleet_, kNow);
  EXPECT_EQ(choose(), "nobody");
  EXPECT_EQ(choose("lobby"), "nobody");
}

TEST_F(ProvisionerTest, ABurstSpreadsEvenlyOverAnEqualFleet) {
  std::vector<SteadyServer> servers;
  for (int i = 0; i < 10; ++i) servers.push_back({"server-" + std::to_string(i), 1000, 300});
  start(servers);
  const auto sent = choose_many(10'000);
  ASSERT_EQ(sent.size(), 10U);
  for (const auto& [id, count] : sent) EXPECT_NEAR(count, 1000, 50) << id;
}

TEST_F(ProvisionerTest, ABurstSpreadsOverAFleetThatHasJustBegun) {
  for (const char* const id : {"a", "b", "c", "d"}) {
    fleet_.announce(id, "ws://" + std::string(id), kNow);
  }
  provisioner_.refresh(fleet_, kNow);
  for (const auto& [id, count] : choose_many(10'000)) EXPECT_NEAR(count, 2500, 125) << id;
}

TEST_F(ProvisionerTest, ABurstFillsUpTheEmptiestFirst) {
  start({{"a", 100, 100}, {"b", 100, 500}});
  const auto sent = choose_many(1000);  // a viewer is 0.003
  EXPECT_NEAR(sent.at("a") - sent.at("b"), 0.4 / 0.003, 20);
}

TEST_F(ProvisionerTest, AViewerCountsAsMuchAsItsRoomTalks) {
  start({{"a", 100, 100}, {"b", 100, 100}});
  add_room("loud", 50);
  const double before = provisioner_.expected_load("a", kNow);
  EXPECT_NEAR(before, 0.1, 0.001);
  double loud = 0;
  for (int i = 0; i < 2; ++i) choose("loud");
  for (const char* const id : {"a", "b"}) loud += provisioner_.expected_load(id, kNow) - 0.1;
  EXPECT_NEAR(loud, 2 * 0.05, 0.001);
  for (int i = 0; i < 2; ++i) choose("never seen");  // the fleet's mean: one a second
  double both = 0;
  for (const char* const id : {"a", "b"}) both += provisioner_.expected_load(id, kNow) - 0.1;
  EXPECT_NEAR(both - loud, 2 * 0.001, 0.0001);
}

TEST_F(ProvisionerTest, ARoomPrefersWhereItIsWhileThereIsRoom) {
  const struct {
    std::uint64_t load_a, load_b;  // in thousandths
    const char* chosen;
  } cases[] = {{300, 300, "a"}, {400, 200, "a"}, {790, 600, "a"},
               {600, 300, "b"}, {800, 700, "b"}, {900, 860, "b"}};
  for (const auto& [load_a, load_b, chosen] : cases) {
    Fleet fleet(kFleetCapacity, Silence{});
    apply_steady(fleet, {{"a", 100, load_a}, {"b", 100, load_b}});
    fleet.apply_server_rooms("a", {{"lobby", 10}});
    provisioner_.refresh(fleet, kNow);
    EXPECT_EQ(choose("lobby"), chosen) << load_a << " " << load_b;
    EXPECT_EQ(choose("other"), "b") << load_a << " " << load_b;
    provisioner_.refresh(Fleet(kFleetCapacity, Silence{}), kNow);  // forgets what was sent
  }
}

TEST_F(ProvisionerTest, ARoomAskedForTwiceGoesToTheSameServerBeforeAnyoneKnows) {
  start({{"a", 100, 100}, {"b", 100, 100}, {"c", 100, 100}, {"d", 100, 100}});
  for (const std::string room : {"one", "two", "three", "four"}) {
    const std::string first = choose(room);
    for (int i = 0; i < 8; ++i) choose();
    EXPECT_EQ(choose(room, milliseconds(300)), first) << room;
    provisioner_.refresh(fleet_, kNow + seconds(14));
    EXPECT_EQ(choose(room, seconds(14)), first) << room;
  }
}

TEST_F(ProvisionerTest, AHotRoomSpreads) {
  start({{"a", 100, 100}, {"b", 100, 100}, {"c", 100, 100}, {"d", 100, 100}});
  add_room("hot", 10);
  fleet_.apply_server_rooms("a", {{"hot", 10}});
  const auto sent = choose_many(400, "hot");  // a load of four in all
  ASSERT_EQ(sent.size(), 4U);
  for (const auto& [id, count] : sent) EXPECT_NEAR(count, 100, 30) << id;
}

TEST_F(ProvisionerTest, WhatWasSentCountsForFiveSeconds) {
  start({{"a", 100, 100}, {"b", 100, 500}});
  add_room("loud", 100);
  fleet_.apply_server_rooms("a", {{"loud", 1}});
  for (int i = 0; i < 6; ++i) choose("loud");
  EXPECT_NEAR(provisioner_.expected_load("a", kNow), 0.7, 0.001);
  EXPECT_EQ(choose(), "b");
  EXPECT_EQ(choose("", milliseconds(4400)), "b");
  EXPECT_NEAR(provisioner_.expected_load("a", kNow + milliseconds(4499)), 0.7, 0.001);
  EXPECT_NEAR(provisioner_.expected_load("a", kNow + milliseconds(5001)), 0.1, 0.001);
  EXPECT_EQ(choose("", milliseconds(5001)), "a");
}

TEST_F(ProvisionerTest, ViewersToldToGoSomewhereCountThere) {
  start({{"a", 100, 100}, {"b", 100, 300}});
  provisioner_.told("ws://a", 40, 0.4, kNow);
  provisioner_.told("ws://elsewhere", 40, 0.4, kNow);
  EXPECT_NEAR(provisioner_.expected_load("a", kNow), 0.5, 0.001);
  EXPECT_EQ(choose(), "b");
}

TEST_F(ProvisionerTest, WhatWasSentIsKeptOverARefresh) {
  start({{"a", 100, 100}, {"b", 100, 100}});
  provisioner_.told("ws://a", 40, 0.4, kNow);
  apply_steady(fleet_, {{"b", 100, 100}, {"a", 100, 100}}, 4);
  provisioner_.refresh(fleet_, kNow + seconds(4));
  EXPECT_NEAR(provisioner_.expected_load("a", kNow + seconds(4)), 0.5, 0.001);
}

TEST_F(ProvisionerTest, AServerThatIsNotAliveIsNotExpectedToCarryAnything) {
  start({{"a", 100, 100}});
  fleet_.told_to_drain("a", kNow);
  provisioner_.refresh(fleet_, kNow);
  EXPECT_EQ(provisioner_.expected_load("a", kNow), 0);
  EXPECT_EQ(provisioner_.expected_load("unknown", kNow), 0);
  EXPECT_EQ(choose(), "nobody");
}

TEST_F(ProvisionerTest, EqualsHaveTheSameChance) {
  start({{"a", 1, 0}, {"b", 1, 0}, {"c", 1, 0}});
  Random random(3);
  std::map<std::string, int> first;
  for (int i = 0; i < 300; ++i) {
    Provisioner fresh({}, [&random](std::uint64_t bound) { return random.below(bound); });
    fresh.refresh(fleet_, kNow);
    ++first[std::string(fresh.choose("", kNow)->id)];
  }
  for (const char* const id : {"a", "b", "c"}) EXPECT_NEAR(first[id], 100, 40) << id;
}

TEST(RecentlySent, ForgetsSlotBySlot) {
  RecentlySent sent;
  sent.add(kNow, 1, 0.1);
  sent.add(kNow + milliseconds(2600), 2, 0.2);
  const auto viewers = [&sent](milliseconds after) { return sent.sum(kNow + after).viewers; };
  EXPECT_EQ(viewers(milliseconds(2600)), 3U);
  EXPECT_DOUBLE_EQ(sent.sum(kNow + milliseconds(2600)).load, 0.1 + 0.2);
  EXPECT_EQ(viewers(milliseconds(4499)), 3U);
  EXPECT_EQ(viewers(milliseconds(5000)), 2U);
  EXPECT_DOUBLE_EQ(sent.sum(kNow + milliseconds(5000)).load, 0.2);
  EXPECT_EQ(viewers(milliseconds(7500)), 0U);
  sent.add(kNow + seconds(60), 1, 0.1);
  EXPECT_EQ(viewers(seconds(60)), 1U);
}

}  // namespace
}  // namespace spillway::balancer
