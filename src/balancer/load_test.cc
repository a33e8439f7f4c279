#include "balancer/load.h"

#include <gtest/gtest.h>

namespace spillway::balancer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Capacity kCapacity{.deliveries_per_s = 1000, .busy = 0.5};

ServerReading reading(std::int64_t heartbeat_ms, std::uint64_t deliveries, double busy = 0,
                      double lag_ms = 0) {
  ServerReading reading;
  reading.heartbeat_ms = heartbeat_ms;
  reading.deliveries = deliveries;
  reading.busy = busy;
  reading.lag_ms = lag_ms;
  return reading;
}

// Heartbeats a second apart, from zero; each tells how many were delivered in the second before.
LoadWindow window_of(const std::vector<std::uint64_t>& deliveries_each_second) {
  LoadWindow window;
  std::int64_t at = 100'000;
  std::uint64_t sum = 0;
  window.add(reading(at, 0), kCapacity);
  for (const std::uint64_t deliveries : deliveries_each_second) {
    window.add(reading(at += 1000, sum += deliveries), kCapacity);
  }
  return window;
}

TEST(LoadOf, IsTheWorseOfDeliveriesAndBusy) {
  EXPECT_DOUBLE_EQ(load_of(500, 0, kCapacity), 0.5);
  EXPECT_DOUBLE_EQ(load_of(500, 0.5, kCapacity), 1.0);
  EXPECT_DOUBLE_EQ(load_of(2000, 0.5, kCapacity), 2.0);
  EXPECT_DOUBLE_EQ(load_of(0, 0, kCapacity), 0.0);
}

TEST(LoadWindow, KnowsNothingBeforeTheSecondHeartbeat) {
  LoadWindow window;
  EXPECT_EQ(window.load(seconds(1)), std::nullopt);
  window.add(reading(1000, 1'000'000), kCapacity);  // it may have been up for days
  EXPECT_EQ(window.load(seconds(1)), std::nullopt);
  EXPECT_EQ(window.load_so_far(seconds(3)), 0);
  window.add(reading(2000, 1'000'500), kCapacity);
  EXPECT_EQ(window.load(seconds(1)), 0.5);
  EXPECT_EQ(window.load(seconds(3)), std::nullopt);
  EXPECT_EQ(window.load_so_far(seconds(3)), 0.5);
}

TEST(LoadWindow, AReadingWithoutANewHeartbeatAddsNothing) {
  LoadWindow window = window_of({500, 500, 500});
  for (int i = 0; i < 10; ++i) window.add(reading(103'000, 9'999'999, 1, 100), kCapacity);
  ServerReading none = reading(0, 0);
  none.heartbeat_ms.reset();
  window.add(none, kCapacity);
  EXPECT_EQ(window.load(seconds(3)), 0.5);
  EXPECT_EQ(window.lag_ms(seconds(3)), 0);
}

TEST(LoadWindow, IsAMeanByTimeOverTheLastSpan) {
  const LoadWindow window = window_of({9000, 100, 200, 600});
  EXPECT_DOUBLE_EQ(*window.load(seconds(1)), 0.6);
  EXPECT_DOUBLE_EQ(*window.load(seconds(2)), 0.4);
  EXPECT_DOUBLE_EQ(*window.load(seconds(3)), 0.3);
  EXPECT_DOUBLE_EQ(*window.deliveries_per_s(seconds(3)), 300);
  EXPECT_EQ(window.load(seconds(5)), std::nullopt);
  EXPECT_DOUBLE_EQ(window.load_so_far(seconds(5)), 9.9 / 4);
  EXPECT_DOUBLE_EQ(window.deliveries_per_s_so_far(seconds(5)), 9900.0 / 4);
}

TEST(LoadWindow, TheRateIsThatBetweenHeartbeatsHoweverFarApart) {
  LoadWindow window;
  window.add(reading(0, 0), kCapacity);
  window.add(reading(1300, 1300), kCapacity);
  window.add(reading(2000, 2000), kCapacity);
  window.add(reading(3100, 3100), kCapacity);
  EXPECT_DOUBLE_EQ(*window.load(seconds(3)), 1.0);
}

TEST(LoadWindow, TakesHeartbeatsThatAreALittleLateOrEarly) {
  for (const int late_ms : {-80, 80}) {
    LoadWindow window;
    for (int i = 0; i <= 5; ++i) {
      const std::int64_t at = 1000 * i + (i % 2) * late_ms;
      window.add(reading(at, static_cast<std::uint64_t>(at < 0 ? 0 : at)), kCapacity);
    }
    ASSERT_TRUE(window.load(seconds(5))) << late_ms;
    EXPECT_NEAR(*window.load(seconds(5)), 1.0, 0.001);
    EXPECT_EQ(window.load(seconds(6)), std::nullopt);
  }
}

TEST(LoadWindow, BusyAndLagAreMeansToo) {
  LoadWindow window;
  window.add(reading(0, 0, 1, 100), kCapacity);  // of a second that is not known
  window.add(reading(1000, 0, 0.1, 10), kCapacity);
  window.add(reading(2000, 0, 0.3, 20), kCapacity);
  EXPECT_DOUBLE_EQ(*window.load(seconds(2)), 0.4);
  EXPECT_DOUBLE_EQ(*window.lag_ms(seconds(2)), 15);
}

TEST(LoadWindow, ACounterThatWentBackBeginsAnew) {
  LoadWindow window = window_of({500, 500, 500});
  window.add(reading(104'000, 10), kCapacity);
  EXPECT_EQ(window.load(seconds(1)), std::nullopt);
  EXPECT_EQ(window.load_so_far(seconds(3)), 0);
  window.add(reading(105'000, 110), kCapacity);
  EXPECT_DOUBLE_EQ(*window.load(seconds(1)), 0.1);
  EXPECT_EQ(window.load(seconds(3)), std::nullopt);
}

TEST(LoadWindow, ABreakLongerThanThreeSecondsBeginsAnew) {
  LoadWindow kept = window_of({500});
  kept.add(reading(104'000, 2000), kCapacity);  // three seconds
  EXPECT_DOUBLE_EQ(*kept.load(seconds(3)), 0.5);
  LoadWindow broken = window_of({500});
  broken.add(reading(104'001, 2000), kCapacity);
  EXPECT_EQ(broken.load(seconds(3)), std::nullopt);
}

TEST(LoadWindow, AClockThatWentBackBeginsAnew) {
  LoadWindow window = window_of({500, 500});
  window.add(reading(50'000, 1500), kCapacity);
  EXPECT_EQ(window.load(seconds(1)), std::nullopt);
  window.add(reading(51'000, 1700), kCapacity);
  EXPECT_DOUBLE_EQ(*window.load(seconds(1)), 0.2);
}

TEST(LoadWindow, KeepsAMinute) {
  const LoadWindow window = window_of(std::vector<std::uint64_t>(200, 700));
  EXPECT_DOUBLE_EQ(*window.load(seconds(60)), 0.7);
  EXPECT_EQ(window.load(seconds(100)), std::nullopt);
}

}  // namespace
}  // namespace spillway::balancer
