#include "server/gcra.h"

#include <gtest/gtest.h>

#include "server/input_limits.h"

namespace spillway::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kStart{seconds(1000)};

TEST(Gcra, TakesTheWholeWindowAtOnceAndThenOneByOne) {
  const auto limit = Gcra::Limit::of({20, milliseconds(30'000)});
  Gcra gcra;
  for (int i = 0; i < 20; ++i) ASSERT_EQ(gcra.take(limit, kStart), Duration{0}) << i;
  EXPECT_EQ(gcra.take(limit, kStart), milliseconds(1500));
  EXPECT_EQ(gcra.take(limit, kStart + milliseconds(1499)), milliseconds(1));
  EXPECT_EQ(gcra.take(limit, kStart + milliseconds(1500)), Duration{0});
  EXPECT_EQ(gcra.take(limit, kStart + milliseconds(1500)), milliseconds(1500));
}

TEST(Gcra, SavesUpNoMoreThanTheWindow) {
  const auto limit = Gcra::Limit::of({2, milliseconds(1000)});
  Gcra gcra;
  EXPECT_EQ(gcra.take(limit, kStart), Duration{0});
  const TimePoint later = kStart + std::chrono::hours(1);
  EXPECT_EQ(gcra.take(limit, later), Duration{0});
  EXPECT_EQ(gcra.take(limit, later), Duration{0});
  EXPECT_EQ(gcra.take(limit, later), milliseconds(500));
}

TEST(Gcra, TakesAmountsWhole) {
  const auto limit = Gcra::Limit::of({100, milliseconds(1000)});
  Gcra gcra;
  EXPECT_EQ(gcra.take(limit, kStart, 60), Duration{0});
  EXPECT_EQ(gcra.take(limit, kStart, 60), milliseconds(200));
  EXPECT_EQ(gcra.take(limit, kStart, 40), Duration{0});
}

TEST(Gcra, TakesEverythingWithoutALimit) {
  Gcra gcra;
  EXPECT_EQ(gcra.take(Gcra::Limit::of({}), kStart, 1'000'000), Duration{0});
}

// How many a fresh connection may send at once.
std::uint64_t burst(const Gcra::Limit& limit) {
  std::uint64_t taken = 0;
  for (Gcra gcra; taken < 100'000'000 && gcra.take(limit, kStart, 10) == Duration{0};) taken += 10;
  return taken;
}

TEST(InputLimits, LetThroughWhatTheRateLimitAnswers) {
  ServerOptions options;
  options.rate_limit = {20, seconds(30)};
  EXPECT_EQ(burst(frame_limit(options)), 200U);
  options.rate_limit = {1000, seconds(10)};
  EXPECT_EQ(burst(frame_limit(options)), 2000U);
  const auto message = protocol::websocket_message_bytes_max(options.message_bytes_max);
  const double bytes = 1000 * static_cast<double>(message);
  EXPECT_NEAR(static_cast<double>(burst(byte_limit(options))), bytes, 0.001 * bytes);
}

TEST(InputLimits, GoWithTheRateLimit) {
  ServerOptions options;
  options.rate_limit = {};
  EXPECT_EQ(burst(frame_limit(options)), 100'000'000U);
  EXPECT_EQ(burst(byte_limit(options)), 100'000'000U);
}

}  // namespace
}  // namespace spillway::server
