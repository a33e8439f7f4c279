#include "balancer/capacity_plan.h"

#include <gtest/gtest.h>

#include <cmath>

#include "balancer/plan_ceilings.h"

namespace spillway::balancer {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr PlanSettings kSettings;
constexpr double kServerWrites = ceilings::kWritesPerCore * 0.70;

// u users in r rooms, each sending every m seconds: u * u / (m * r).
TEST(CapacityPlan, AHundredUsersInFiveRoomsEveryThirtySeconds) {
  const auto plan = plan_for({100, 5, seconds(30), {}}, kSettings);
  EXPECT_DOUBLE_EQ(plan[0].deliveries_per_s, 100.0 * 100.0 / (30.0 * 5.0));
  EXPECT_NEAR(plan[0].deliveries_per_s, 66.67, 0.005);
  EXPECT_DOUBLE_EQ(plan[0].messages_per_s, 100.0 / 30);
  EXPECT_DOUBLE_EQ(plan[0].writes_per_s, plan[0].deliveries_per_s) << "each is written at once";
  EXPECT_DOUBLE_EQ(plan[0].redis.calls_per_s, plan[0].messages_per_s);
  EXPECT_DOUBLE_EQ(plan[0].redis.pushes_per_s, plan[0].messages_per_s) << "there is one server";
  EXPECT_EQ(plan[0].servers.needed, 1);
  EXPECT_EQ(plan[0].largest_room.viewers, 20);
  EXPECT_DOUBLE_EQ(plan[0].largest_room.messages_per_s, 20.0 / 30);
}

TEST(CapacityPlan, TwiceTheUsersInTheSameRoomsAreFourTimesTheDeliveries) {
  for (const double exponent : {0.0, 1.0}) {
    // 4 rooms by Zipf: 1 + 1/2 + 1/3 + 1/4 is 25/12, and 25 divides the users.
    const auto plan = plan_for({100, 4, seconds(30), {exponent}}, kSettings);
    EXPECT_DOUBLE_EQ(plan[1].deliveries_per_s, 4 * plan[0].deliveries_per_s);
    EXPECT_DOUBLE_EQ(plan[2].deliveries_per_s, 100 * plan[0].deliveries_per_s);
    EXPECT_EQ(plan[1].users, 200);
    EXPECT_EQ(plan[2].users, 1000);
    EXPECT_EQ(plan[2].rooms, 4);
    EXPECT_EQ(plan[1].scale, 2);
    EXPECT_EQ(plan[2].scale, 10);
  }
}

// Rooms of 33, 16 and 11 (room_groups_test.cc): 33 * 33 + 16 * 16 + 11 * 11 is 1,466, every 30 s.
TEST(CapacityPlan, UnequalRoomsMakeMoreDeliveriesThanEqualOnes) {
  const auto zipf = plan_for({60, 3, seconds(30), {1}}, kSettings);
  EXPECT_DOUBLE_EQ(zipf[0].deliveries_per_s, 1466.0 / 30);
  EXPECT_EQ(zipf[0].largest_room.viewers, 33);
  const auto uniform = plan_for({60, 3, seconds(30), {}}, kSettings);
  EXPECT_DOUBLE_EQ(uniform[0].deliveries_per_s, 1200.0 / 30);
}

TEST(CapacityPlan, AWriteCarriesWhatCameWithinAFlushInterval) {
  // A viewer gets 5,000 messages/s in 10 writes/s.
  const PlanStep hot = plan_step({{1000, 5000}}, kSettings);
  EXPECT_DOUBLE_EQ(hot.deliveries_per_s, 5e6);
  EXPECT_DOUBLE_EQ(hot.writes_per_s, 10'000);
  // At 9 messages/s each is written by itself.
  EXPECT_DOUBLE_EQ(plan_step({{1000, 9}}, kSettings).writes_per_s, 9000);
  PlanSettings patient;
  patient.flush_interval_max = milliseconds(500);
  EXPECT_DOUBLE_EQ(plan_step({{1000, 5000}}, patient).writes_per_s, 2000);
}

TEST(CapacityPlan, TheScarcerOfDeliveriesAndWritesDecidesHowManyServers) {
  // 10 million deliveries and 10,000 writes a second.
  const PlanStep hot = plan_step({{1000, 10'000}}, kSettings);
  EXPECT_DOUBLE_EQ(hot.servers.by_deliveries, 10e6 / 5.3e6);
  EXPECT_DOUBLE_EQ(hot.servers.by_writes, 10'000 / kServerWrites);
  EXPECT_EQ(hot.servers.needed, 2);
  EXPECT_EQ(hot.first_limit, Limit::kDeliveries);
  // 1,000 rooms of 100 viewers with 2 messages/s each: 200,000 deliveries, each a write.
  const PlanStep small = plan_step({{100, 2, 1000}}, kSettings);
  EXPECT_DOUBLE_EQ(small.servers.by_writes, 200'000 / kServerWrites);
  EXPECT_EQ(small.servers.needed, std::ceil(200'000 / kServerWrites));
  EXPECT_EQ(small.first_limit, Limit::kWrites);
}

TEST(CapacityPlan, AServersLimitsAreTheBalancers) {
  PlanSettings settings;
  settings.capacity = {1e6, 0.35};
  const PlanStep hot = plan_step({{1000, 5000}}, settings);
  EXPECT_EQ(hot.servers.by_deliveries, 5);
  EXPECT_EQ(hot.servers.needed, 5);
  EXPECT_DOUBLE_EQ(hot.servers.by_writes, 10'000 / (kServerWrites / 2));
}

TEST(CapacityPlan, ARoomAsksRedisNoMoreThanTwoHundredTimesASecondAndServer) {
  EXPECT_EQ(plan_step({{10, 150}}, kSettings).redis.calls_per_s, 150);
  const PlanStep one = plan_step({{10, 5000}}, kSettings);
  EXPECT_EQ(one.redis.calls_per_s, 200);
  EXPECT_EQ(one.redis.pushes_per_s, 200);
  // Two servers, and the room is on both: each publishes, and each gets every batch once.
  const PlanStep two = plan_step({{1000, 10'000}}, kSettings);
  ASSERT_EQ(two.servers.needed, 2);
  EXPECT_EQ(two.redis.calls_per_s, 400);
  EXPECT_EQ(two.redis.pushes_per_s, 800);
  // Small rooms are kept together, however many servers there are.
  const PlanStep small = plan_step({{100, 2, 1000}}, kSettings);
  ASSERT_GT(small.servers.needed, 1);
  EXPECT_EQ(small.redis.calls_per_s, 2000);
  EXPECT_EQ(small.redis.pushes_per_s, 2000);
}

TEST(CapacityPlan, RedisIsTheLimitOnceItIsFull) {
  // 200,000 rooms, in each of them one message a second.
  const PlanStep step = plan_step({{2, 1, 200'000}}, kSettings);
  const double busy =
      200'000 * (ceilings::kRedisCallSeconds + ceilings::kRedisMessageSeconds +
                 ceilings::kRedisPushSeconds + ceilings::kRedisPushedMessageSeconds);
  EXPECT_NEAR(step.redis.load, busy / ceilings::kRedisBusy, 1e-9);
  ASSERT_GT(step.redis.load, 1);
  EXPECT_EQ(step.first_limit, Limit::kRedis);
  // Or one room on hundreds of servers: each of them can be added, a second Redis cannot.
  const PlanStep huge = plan_step({{5e6, 700}}, kSettings);
  ASSERT_GT(huge.redis.load, 1);
  ASSERT_GT(huge.servers.needed, 100 * huge.redis.load);
  EXPECT_EQ(huge.first_limit, Limit::kRedis);
}

// {"type":"chat","seq":12345,"id":"abcdefghijkl","ts":1795000000000,"message":"…"} is 79 bytes and
// the text; a frame's header is 4 from 126 bytes on.
TEST(CapacityPlan, AMessageHasTheBytesOfTheProtocol) {
  const MessageBytes of_60 = message_bytes(60);
  EXPECT_EQ(of_60.plain, 143);
  EXPECT_EQ(of_60.coalesced, 140);
  EXPECT_EQ(of_60.line, 139 - 26 + 1) << "neither type nor seq, and a newline";
  EXPECT_EQ(message_bytes(40).plain, 119 + 2);
}

TEST(CapacityPlan, EgressFollowsTheForm) {
  const PlanStep quiet = plan_step({{20, 2}}, kSettings);
  EXPECT_DOUBLE_EQ(quiet.egress_bytes_per_s.plain, 40 * 143);
  EXPECT_DOUBLE_EQ(quiet.egress_bytes_per_s.coalesced, 40 * 145) << "an array of one";
  EXPECT_DOUBLE_EQ(quiet.egress_bytes_per_s.deflated, 40 * 145) << "nothing is counted on";
  // 500 messages a write are 70,000 bytes: more than four arrays of 16 KiB.
  const PlanStep hot = plan_step({{1000, 5000}}, kSettings);
  EXPECT_DOUBLE_EQ(hot.egress_bytes_per_s.plain, 5e6 * 143);
  EXPECT_DOUBLE_EQ(hot.egress_bytes_per_s.coalesced, 5e6 * 140 + 5e6 * 140 / 16'384 * 5);
  EXPECT_DOUBLE_EQ(hot.egress_bytes_per_s.deflated, 5e6 * 143 / 3.5);
  // 24 messages a write are too few, 25 are enough.
  EXPECT_GT(plan_step({{10, 240}}, kSettings).egress_bytes_per_s.deflated, 10 * 240 * 140);
  EXPECT_DOUBLE_EQ(plan_step({{10, 250}}, kSettings).egress_bytes_per_s.deflated,
                   10 * 250 * 143 / 3.5);
}

TEST(CapacityPlan, MemoryIsServersViewersAndHistories) {
  const double idle = ceilings::kServerBytes + 1000 * ceilings::kViewerBytes;
  const PlanStep silent = plan_step({{1000, 0}}, kSettings);
  EXPECT_DOUBLE_EQ(silent.memory_bytes.servers, idle);
  EXPECT_DOUBLE_EQ(silent.memory_bytes.redis, 0);
  // 200 messages, each a batch of its own: the log's lines and batches; a ring of 200 * 143 bytes,
  // which doubles to 32 KiB, and its index of 200, which doubles to 256.
  const PlanStep quiet = plan_step({{1000, 1}}, kSettings);
  EXPECT_DOUBLE_EQ(quiet.memory_bytes.servers - idle,
                   200 * (114 + ceilings::kServerBatchBytes) + 32'768 + 256 * 8);
  EXPECT_DOUBLE_EQ(quiet.memory_bytes.redis,
                   ceilings::kRedisRoomBytes + 200 * (114 + ceilings::kRedisBatchBytes));
  // A minute of 5,000 messages/s would be 34 MB: a history ends at 8 MiB.
  const PlanStep hot = plan_step({{10, 5000}}, kSettings);
  EXPECT_LT(hot.memory_bytes.redis, 8.5 * 1024 * 1024);
  EXPECT_GT(hot.memory_bytes.redis, 8.0 * 1024 * 1024);
}

TEST(CapacityPlan, RoomsThatAreThereGrowInProportion) {
  const auto plan = plan_for({{10, 0.5}, {4, 0, 3}}, kSettings);
  EXPECT_EQ(plan[0].users, 22);
  EXPECT_EQ(plan[0].rooms, 4);
  EXPECT_DOUBLE_EQ(plan[0].deliveries_per_s, 5);
  EXPECT_DOUBLE_EQ(plan[1].deliveries_per_s, 20);
  EXPECT_DOUBLE_EQ(plan[2].messages_per_s, 5);
  EXPECT_EQ(plan[2].users, 220);
}

TEST(CapacityPlan, NothingOverflowsAtTheBounds) {
  PlanSettings large;
  large.message_bytes = 64 * 1024;
  large.flush_interval_max = milliseconds(1);
  for (const auto interval :
       {std::chrono::microseconds(milliseconds(1)), std::chrono::microseconds(hours(24 * 30))}) {
    for (const std::uint64_t users : {std::uint64_t{1}, std::uint64_t{100'000'000}}) {
      for (const std::uint64_t rooms : {1U, 1'000'000U}) {
        const double interval_s = std::chrono::duration<double>(interval).count();
        for (const PlanStep& step : plan_for({users, rooms, interval, {1.1}}, large)) {
          for (const double number :
               {step.messages_per_s, step.deliveries_per_s, step.writes_per_s,
                step.redis.calls_per_s, step.redis.pushes_per_s, step.redis.load,
                step.egress_bytes_per_s.plain, step.egress_bytes_per_s.coalesced,
                step.egress_bytes_per_s.deflated, step.memory_bytes.servers}) {
            EXPECT_TRUE(std::isfinite(number) && number > 0);
          }
          EXPECT_GE(step.servers.needed, 1);
          if (rooms > 1) continue;
          EXPECT_DOUBLE_EQ(step.deliveries_per_s, step.users * step.users / interval_s);
        }
      }
    }
  }
}

}  // namespace
}  // namespace spillway::balancer
