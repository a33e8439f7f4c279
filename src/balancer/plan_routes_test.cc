// GET /plan, from the request to the answer.
#include <gtest/gtest.h>

#include "balancer/routes.h"

namespace spillway::balancer {
namespace {

namespace http = boost::beast::http;

// No source of the balancer is set: a plan comes from the question alone.
Response ask(const std::string& query, const RouteOptions& options = {},
             const std::string& path = "/plan") {
  Request request;
  request.method = http::verb::get;
  request.path = path;
  request.query = query;
  auto parsed = parse_call(request, options);
  if (auto* const refusal = std::get_if<Response>(&parsed)) return *refusal;
  auto response = answer_at_once(*std::get_if<ApiCall>(&parsed), RouteSources(), options);
  EXPECT_TRUE(response) << query;
  return response.value_or(Response());
}

constexpr const char* kExample = "users=100&rooms=5&interval=30s";

TEST(PlanRoute, AnswersWithJson) {
  for (const char* const path : {"/plan", "/api/plan"}) {
    const Response response = ask(kExample, {}, path);
    EXPECT_EQ(response.status, http::status::ok);
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_EQ(response.body.rfind(R"({"input":{"users":100,"rooms":5,"interval_s":30,)", 0), 0U);
    EXPECT_NE(response.body.find(R"("deliveries_per_s":66.6666666666666)"), std::string::npos);
  }
}

TEST(PlanRoute, GoesByWhatTheBalancerTakesAServerFor) {
  RouteOptions options;
  options.capacity = {1e6, 0.5};
  EXPECT_NE(ask(kExample, options).body.find(R"("spawn_writes":1000000,"spawn_busy":0.5)"),
            std::string::npos);
  EXPECT_NE(ask(std::string(kExample) + "&spawn-busy=1", options)
                .body.find(R"("spawn_writes":1000000,"spawn_busy":1)"),
            std::string::npos);
}

TEST(PlanRoute, WhatMakesNoSenseIs400) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "users: it is missing; ask as in /plan?users=100&rooms=5&interval=30s"},
      {"users=0&rooms=5&interval=30s",
       "users: '0' is out of bounds; give a whole number from 1 to 100000000"},
      {"users=1&rooms=1000001&interval=30s",
       "rooms: '1000001' is out of bounds; give a whole number from 1 to 1000000"},
      {"users=1&rooms=1&interval=31d", "interval: '31d' is out of bounds; give 1ms to 30d"},
      {"users=1&rooms=1&interval=1s&distribution=x",
       "distribution: 'x' is no distribution; give uniform, or zipf:S with S from 0 to 10, such "
       "as zipf:1.1"},
      {"users=%22%00&rooms=1&interval=30s",
       R"(users: '\"\u0000' is out of bounds; give a whole number from 1 to 100000000)"},
      {"users=%ff&rooms=1&interval=30s", "users: it is not percent-encoded UTF-8"}};
  for (const auto& [query, sentence] : cases) {
    const Response response = ask(query);
    EXPECT_EQ(response.status, http::status::bad_request) << query;
    EXPECT_EQ(response.body, std::string(R"({"error":")") + sentence + R"("})");
  }
}

}  // namespace
}  // namespace spillway::balancer
