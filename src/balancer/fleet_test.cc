#include "balancer/fleet.h"

#include <gtest/gtest.h>

#include "balancer/fleet_testing.h"

namespace spillway::balancer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Fleet empty_fleet() { return Fleet(kFleetCapacity, Silence{}); }

TEST(Fleet, KeepsTheHistoriesOfServersThatStay) {
  Fleet fleet = empty_fleet();
  fleet.apply(reading_at(0, {reading_of("a", 5), reading_of("b", 7)}));
  fleet.apply(reading_at(1, {reading_of("b", 8), reading_of("a", 6)}));
  ASSERT_EQ(fleet.servers().size(), 2U);
  EXPECT_EQ(fleet.servers()[0]->now.id, "b");  // in the order of the reading
  const Fleet::Server* const a = fleet.find("a");
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(a->clients[99], 6U);
  EXPECT_EQ(a->clients[98], 5U);
  EXPECT_EQ(a->clients[97], 0U);
  EXPECT_EQ(fleet.find("c"), nullptr);
  EXPECT_EQ(fleet.redis_ms(), 1'001'000);
  EXPECT_EQ(fleet.read_at(), kFleetStart + seconds(1));
}

TEST(Fleet, AServerThatIsGoneComesBackAsANewOne) {
  Fleet fleet = empty_fleet();
  apply_steady(fleet, {{"a", 5, 100}});
  EXPECT_TRUE(fleet.find("a")->load.load(seconds(3)));
  fleet.apply(reading_at(4, {}));
  EXPECT_EQ(fleet.find("a"), nullptr);
  fleet.apply(reading_at(5, {reading_of("a", 9, 500)}));
  EXPECT_EQ(fleet.find("a")->clients[98], 0U);
  EXPECT_FALSE(fleet.find("a")->load.load(seconds(1)));
}

TEST(Fleet, PaddingNeverEntersARate) {
  Fleet fleet = empty_fleet();
  fleet.apply(reading_at(0, {reading_of("a", 5, 1'000'000)}));
  EXPECT_EQ(fleet.find("a")->load.load_so_far(seconds(3)), 0);
  fleet.apply_rooms({{"lobby", 5, 1'000'000, 0}});
  EXPECT_EQ(fleet.rooms().at("lobby")->messages_per_s, 0);
  fleet.apply(reading_at(1, {reading_of("a", 5, 1'000'500)}));
  fleet.apply_rooms({{"lobby", 5, 1'000'020, 0}});
  EXPECT_DOUBLE_EQ(*fleet.find("a")->load.load(seconds(1)), 0.5);
  EXPECT_DOUBLE_EQ(fleet.rooms().at("lobby")->messages_per_s, 20);
}

TEST(Fleet, ARoomsRateIsOverThreeReadingsByRedisClock) {
  Fleet fleet = empty_fleet();
  std::uint64_t messages = 0;
  for (int second = 0; second < 8; second += 2) {  // every other reading was late
    fleet.apply(reading_at(second, {}));
    fleet.apply_rooms({{"lobby", 5, messages += static_cast<std::uint64_t>(10 * second), 0}});
  }
  EXPECT_DOUBLE_EQ(fleet.rooms().at("lobby")->messages_per_s, 120.0 / 6);
}

TEST(Fleet, ARoomWhoseCountWentBackHasNoRate) {
  Fleet fleet = empty_fleet();
  for (const std::uint64_t messages : {100U, 200U, 10U}) {
    fleet.apply(reading_at(static_cast<int>(messages), {}));
    fleet.apply_rooms({{"lobby", 5, messages, 0}});
  }
  EXPECT_EQ(fleet.rooms().at("lobby")->messages_per_s, 0);
}

TEST(Fleet, RoomsThatAreNotReadAreGone) {
  Fleet fleet = empty_fleet();
  fleet.apply(reading_at(0, {}));
  fleet.apply_rooms({{"a", 1, 10, 100}, {"b", 2, 20, 200}});
  fleet.apply(reading_at(1, {}));
  fleet.apply_rooms({{"b", 3, 30, 300}});
  EXPECT_FALSE(fleet.rooms().contains("a"));
  const Fleet::Room& b = *fleet.rooms().at("b");
  EXPECT_EQ(b.name, "b");
  EXPECT_EQ(b.clients[98], 2U);
  EXPECT_EQ(b.messages.latest(), 30U);
  EXPECT_EQ(b.socket_writes.latest(), 300U);
}

TEST(Fleet, ALeaverCostsMoreWhereRoomsAreUnequal) {
  Fleet fleet = empty_fleet();
  fleet.apply(reading_at(0, {reading_of("a", 100)}));
  fleet.apply_rooms({{"hot", 10, 0, 0}, {"cold", 90, 0, 0}, {"silent", 5, 0, 0}});
  fleet.apply(reading_at(1, {reading_of("a", 100)}));
  fleet.apply_rooms({{"hot", 10, 90, 0}, {"cold", 90, 10, 0}, {"silent", 5, 0, 0}});
  EXPECT_EQ(fleet.find("a")->leaver_cost, 1);
  // Half the deliveries are the hot room's: a leaver is from either, (90 + 10) / 2 a second, and
  // the mean viewer gets 18.
  fleet.apply_server_rooms("a", {{"hot", 10}, {"cold", 90}});
  EXPECT_NEAR(fleet.find("a")->leaver_cost, 50.0 / 18, 0.001);
  EXPECT_EQ(fleet.find("a")->rooms.size(), 2U);
  for (const StringMap<std::uint64_t>& equal :
       {StringMap<std::uint64_t>{{"hot", 7}}, {{"silent", 5}}, {{"unknown", 5}}, {}}) {
    fleet.apply_server_rooms("a", equal);
    EXPECT_DOUBLE_EQ(fleet.find("a")->leaver_cost, 1);
  }
  fleet.apply_server_rooms("unknown", {{"hot", 1}});
}

TEST(Fleet, OnlyWhoIsUpAndHeardIsAlive) {
  Fleet fleet = empty_fleet();
  ServerReading silent = reading_of("silent", 0);
  silent.silence = seconds(2);
  ServerReading draining = reading_of("draining", 0);
  draining.status = "draining";
  ServerReading mute = reading_of("mute", 0);
  mute.silence.reset();
  ServerReading nowhere = reading_of("nowhere", 0);
  nowhere.url.clear();
  fleet.apply(reading_at(0, {reading_of("up", 0), silent, draining, mute, nowhere}));
  for (const auto& server : fleet.servers()) {
    EXPECT_EQ(server->alive, server->now.id == "up") << server->now.id;
  }
}

TEST(Fleet, AnAnnouncedServerIsUsedUntilAReadingHasIt) {
  Fleet fleet = empty_fleet();
  fleet.apply(reading_at(0, {}));
  fleet.announce("a", "ws://a", kFleetStart + milliseconds(500));
  fleet.announce("a", "ws://other", kFleetStart + milliseconds(600));
  ASSERT_EQ(fleet.servers().size(), 1U);
  EXPECT_TRUE(fleet.find("a")->alive);
  EXPECT_TRUE(fleet.find("a")->now.ours);
  EXPECT_EQ(fleet.find("a")->now.url, "ws://a");

  fleet.apply(reading_at(1, {}));
  ASSERT_NE(fleet.find("a"), nullptr);
  EXPECT_TRUE(fleet.find("a")->alive);

  fleet.apply(reading_at(2, {reading_of("a", 3)}));
  ASSERT_EQ(fleet.servers().size(), 1U);
  EXPECT_EQ(fleet.find("a")->now.viewers, 3U);
  fleet.apply(reading_at(3, {}));
  EXPECT_EQ(fleet.find("a"), nullptr);
}

TEST(Fleet, AnAnnouncedServerThatNeverWritesIsGoneAfterTwoSeconds) {
  Fleet fleet = empty_fleet();
  fleet.announce("a", "ws://a", kFleetStart);
  fleet.apply(reading_at(1, {}));
  EXPECT_NE(fleet.find("a"), nullptr);
  fleet.apply(reading_at(2, {}));
  EXPECT_EQ(fleet.find("a"), nullptr);
}

TEST(Fleet, WhoIsToldToDrainGetsNobodyUnlessTheOrderHadNoEffect) {
  Fleet fleet = empty_fleet();
  fleet.apply(reading_at(0, {reading_of("a", 3)}));
  fleet.told_to_drain("a", kFleetStart);
  EXPECT_FALSE(fleet.find("a")->alive);
  fleet.apply(reading_at(10, {reading_of("a", 3)}));
  EXPECT_FALSE(fleet.find("a")->alive);
  fleet.apply(reading_at(11, {reading_of("a", 3)}));
  EXPECT_TRUE(fleet.find("a")->alive);
}

TEST(Fleet, AServerWhoseProcessEndedIsForgotten) {
  Fleet fleet = empty_fleet();
  fleet.apply(reading_at(0, {reading_of("a", 3), reading_of("b", 3)}));
  fleet.announce("c", "ws://c", kFleetStart);
  fleet.forget("a");
  fleet.forget("c");
  fleet.forget("unknown");
  ASSERT_EQ(fleet.servers().size(), 1U);
  EXPECT_EQ(fleet.servers()[0]->now.id, "b");
  fleet.apply(reading_at(1, {reading_of("b", 3)}));
  EXPECT_EQ(fleet.find("c"), nullptr);
}

TEST(Fleet, KeepsWhomAnEmptiedRedisForgotUntilTheyHadTheTimeToWriteAnew) {
  Fleet fleet(kFleetCapacity, Silence{});
  fleet.apply(reading_at(0, {reading_of("a", 5), reading_of("b", 7)}));
  fleet.apply(reading_at(1, {reading_of("b", 8)}), Fleet::Missing::kKept);
  ASSERT_NE(fleet.find("a"), nullptr);
  EXPECT_TRUE(fleet.find("a")->alive);
  EXPECT_EQ(fleet.find("b")->now.viewers, 8U);
  fleet.apply(reading_at(2, {reading_of("b", 8)}));
  EXPECT_EQ(fleet.find("a"), nullptr);
}

}  // namespace
}  // namespace spillway::balancer
