#include "balancer/plan_question.h"

#include <gtest/gtest.h>

#include "protocol/text.h"

namespace spillway::balancer {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kExample = "users=100&rooms=5&interval=30s";

Result<PlanQuestion> ask(const std::string& query) { return parse_plan_query(query, {}); }

std::string error_of(const std::string& query) {
  const auto asked = ask(query);
  return asked ? "none" : asked.error().message;
}

TEST(PlanQuestion, HasDefaultsForAllButThreeThings) {
  const auto asked = ask(kExample);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->audience.users, 100U);
  EXPECT_EQ(asked->audience.rooms, 5U);
  EXPECT_EQ(asked->audience.interval, seconds(30));
  EXPECT_EQ(asked->audience.distribution, Distribution{});
  EXPECT_EQ(asked->settings.message_bytes, 60U);
  EXPECT_EQ(asked->settings.flush_interval_max, milliseconds(100));
  EXPECT_EQ(asked->settings.capacity.deliveries_per_s, 5.3e6);
  EXPECT_EQ(asked->settings.capacity.busy, 0.7);
}

TEST(PlanQuestion, EverythingCanBeSaid) {
  const auto asked =
      ask("distribution=zipf%3A1.1&interval=1.5m&users=100000000&rooms=1000000&size=2KiB"
          "&flush-interval-max=1s&spawn-writes=5e6&spawn-busy=.5&other=x");
  ASSERT_TRUE(asked) << asked.error().message;
  EXPECT_EQ(asked->audience.users, 100'000'000U);
  EXPECT_EQ(asked->audience.rooms, 1'000'000U);
  EXPECT_EQ(asked->audience.interval, seconds(90));
  EXPECT_EQ(asked->audience.distribution.exponent, 1.1);
  EXPECT_EQ(asked->settings.message_bytes, 2048U);
  EXPECT_EQ(asked->settings.flush_interval_max, seconds(1));
  EXPECT_EQ(asked->settings.capacity.deliveries_per_s, 5e6);
  EXPECT_EQ(asked->settings.capacity.busy, 0.5);
}

TEST(PlanQuestion, KeepsWhatIsNotSaid) {
  PlanQuestion before;
  before.settings.capacity.deliveries_per_s = 7;
  const auto asked = parse_plan_query(kExample, before);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->settings.capacity.deliveries_per_s, 7);
}

TEST(PlanQuestion, WhatIsMissingIsNamed) {
  EXPECT_EQ(error_of("").rfind("users: it is missing", 0), 0U);
  EXPECT_EQ(error_of("users=1").rfind("rooms: it is missing", 0), 0U);
  EXPECT_EQ(error_of("users=1&rooms=1&room=2").rfind("interval: it is missing", 0), 0U);
  EXPECT_EQ(missing_parameter(*ask(kExample)), std::nullopt);
}

TEST(PlanQuestion, EveryValueHasItsBounds) {
  const struct {
    const char* name;
    std::vector<const char*> wrong;
    std::vector<const char*> right;
  } cases[] = {
      {"users",
       {"", "0", "-1", "%2B1", "1.5", "1e3", "1000x", "x", "100000001", "18446744073709551617"},
       {"1", "007", "100000000"}},
      {"rooms", {"", "0", "-5", "1000001", "five", " 5"}, {"1", "1000000"}},
      {"interval",
       {"", "0", "0s", "30", "999us", "31d", "721h", "-1s", "s", "1 s"},
       {"1ms", "30d"}},
      {"distribution",
       {"", "zipf", "zipf:", "zipf:-1", "zipf:11", "zipf:nan", "pareto"},
       {"uniform", "zipf:0", "zipf:10"}},
      {"size", {"", "0", "65KiB", "-1", "big"}, {"1", "64KiB"}},
      {"flush-interval-max", {"", "0", "999us", "11s"}, {"1ms", "10s"}},
      {"spawn-writes", {"", "0", "nan", "inf", "1e13", "x"}, {"1", "1e12"}},
      {"spawn-busy", {"", "0", "1.1", "nan", "-0.7"}, {"0.01", "1"}}};
  for (const auto& [name, wrong, right] : cases) {
    for (const char* const value : wrong) {
      const std::string pair = std::string(name) + "=" + value;
      EXPECT_EQ(error_of(pair + "&" + kExample).rfind(std::string(name) + ": '", 0), 0U)
          << pair << ": " << error_of(pair + "&" + kExample);
    }
    for (const char* const value : right) {
      const std::string pair = std::string(name) + "=" + value;
      EXPECT_EQ(error_of(pair + "&" + kExample), "none") << pair;
    }
  }
}

TEST(PlanQuestion, ErrorsAreUtf8WhateverCame) {
  for (const char* const value : {"%", "%zz", "%ff", "\xff", "%c3", "%ed%a0%80"}) {
    const std::string error = error_of(std::string("users=") + value);
    EXPECT_EQ(error, "users: it is not percent-encoded UTF-8") << value;
  }
  EXPECT_TRUE(protocol::is_utf8(error_of("users=%c3%bc")));
}

TEST(PlanQuestion, EveryParameterReadsWhatItShows) {
  const auto asked = ask(std::string(kExample) + "&distribution=zipf:1.1&size=1KiB");
  ASSERT_TRUE(asked);
  PlanQuestion again;
  for (const PlanParameter& parameter : plan_parameters()) {
    ASSERT_TRUE(parameter.set(again, parameter.show(*asked))) << parameter.name;
    EXPECT_EQ(parameter.show(again), parameter.show(*asked));
  }
  const PlanQuestion nothing;
  for (const PlanParameter& parameter : plan_parameters().first(3)) {
    EXPECT_EQ(parameter.show(nothing), "") << "it must be given: " << parameter.name;
  }
}

}  // namespace
}  // namespace spillway::balancer
