#include "balancer/plan_json.h"

#include <gtest/gtest.h>

#include "balancer/stats_testing.h"

namespace spillway::balancer {
namespace {

std::string json_of(const std::string& query) {
  const auto asked = parse_plan_query(query, {});
  EXPECT_TRUE(asked);
  return plan_json(*asked, plan_for(asked->audience, asked->settings));
}

TEST(PlanJson, IsTheGoldenFile) {
  simdjson::dom::parser parser;
  simdjson::dom::element golden;
  const std::string path = std::string(SPILLWAY_GOLDEN_DIR) + "/plan.json";
  ASSERT_EQ(parser.load(path).get(golden), simdjson::SUCCESS) << path;
  EXPECT_EQ(canonical(json_of("users=100&rooms=5&interval=30s")), canonical(golden));
}

TEST(PlanJson, HasAllDigits) {
  const std::string json = json_of("users=100&rooms=5&interval=30s");
  EXPECT_NE(json.find(R"("deliveries_per_s":66.6666666666666)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("users":1000,"rooms":5,)"), std::string::npos) << json;
}

TEST(PlanJson, IsJsonAtTheBounds) {
  for (const char* const query :
       {"users=100000000&rooms=1&interval=1ms&size=64KiB&spawn-writes=1&spawn-busy=0.01",
        "users=1&rooms=1000000&interval=30d&distribution=zipf:10",
        "users=100000000&rooms=1000000&interval=1ms&distribution=zipf:0.1"}) {
    const std::string json = json_of(query);
    EXPECT_EQ(canonical(json).rfind("{\"assumed\":", 0), 0U) << json;
    EXPECT_EQ(json.find("inf"), std::string::npos) << json;
    EXPECT_EQ(json.find("nan"), std::string::npos) << json;
  }
}

TEST(PlanJson, OfLiveRoomsSaysWhereTheyWereFound) {
  const std::vector<RoomGroup> rooms{{10, 0.5}, {4, 0.25, 3}};
  const std::string json = live_plan_json("http://a:1/\"", {}, plan_for(rooms, PlanSettings{}));
  EXPECT_EQ(json.rfind(R"({"input":{"from_live":"http://a:1/\"","users":22,"rooms":4,)"
                       R"("messages_per_s":1.25,"size":60,)",
                       0),
            0U)
      << json;
  EXPECT_EQ(canonical(json).rfind("{\"assumed\":", 0), 0U) << json;
}

}  // namespace
}  // namespace spillway::balancer
