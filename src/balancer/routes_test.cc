#include "balancer/routes.h"

#include <gtest/gtest.h>

namespace spillway::balancer {
namespace {

namespace http = boost::beast::http;
using Health = RouteSources::Health;

const ServerState kServer{"an-id", "ws://a:1", "up", 0, std::chrono::milliseconds(0)};

Response ask(http::verb method, const std::string& target, Health health = Health::kOk,
             const ServerState* server = &kServer) {
  const RouteSources sources{[health] { return health; }, [server] { return server; }};
  return answer(Request(method, target, 11), sources);
}

TEST(Routes, ProvisionGivesIdAndUrlToEveryOrigin) {
  for (const char* const target :
       {"/servers/provision", "/api/servers/provision", "/servers/provision?room=lobby"}) {
    const Response response = ask(http::verb::get, target);
    EXPECT_EQ(response.result_int(), 200U) << target;
    EXPECT_EQ(response.body(), R"({"id":"an-id","url":"ws://a:1"})");
    EXPECT_EQ(response[http::field::access_control_allow_origin], "*");
    EXPECT_EQ(response[http::field::content_type], "application/json");
  }
}

TEST(Routes, ProvisionWithoutServerIs404AndStaysOpenToEveryOrigin) {
  const Response response = ask(http::verb::get, "/servers/provision", Health::kOk, nullptr);
  EXPECT_EQ(response.result_int(), 404U);
  EXPECT_EQ(response.body(), R"({"error":"no chat server is up"})");
  EXPECT_EQ(response[http::field::access_control_allow_origin], "*");
}

TEST(Routes, ProvisionGivesTheLastKnownServersUntilRedisIsLost) {
  EXPECT_EQ(ask(http::verb::get, "/servers/provision", Health::kDegraded).result_int(), 200U);
  EXPECT_EQ(ask(http::verb::get, "/servers/provision", Health::kLost).result_int(), 503U);
  EXPECT_EQ(ask(http::verb::get, "/servers/provision", Health::kStarting).result_int(), 503U);
}

TEST(Routes, HealthzTellsWhatIsTheMatter) {
  EXPECT_EQ(ask(http::verb::get, "/healthz").body(), R"({"status":"ok"})");
  EXPECT_EQ(ask(http::verb::get, "/api/healthz", Health::kDegraded).body(),
            R"({"status":"degraded"})");
  EXPECT_EQ(ask(http::verb::get, "/healthz", Health::kLost).result_int(), 200U);
  EXPECT_EQ(ask(http::verb::get, "/healthz", Health::kStarting).result_int(), 503U);
}

TEST(Routes, UnknownPathsAre404InJson) {
  for (const char* const target : {"/", "/api", "/api/", "/servers", "/servers/provision/x"}) {
    const Response response = ask(http::verb::get, target);
    EXPECT_EQ(response.result_int(), 404U) << target;
    EXPECT_EQ(response.body(), R"({"error":"there is nothing at this path"})");
  }
}

TEST(Routes, WrongMethodsAre405WithAllow) {
  const Response response = ask(http::verb::post, "/servers/provision");
  EXPECT_EQ(response.result_int(), 405U);
  EXPECT_EQ(response[http::field::allow], "GET, HEAD, OPTIONS");
  EXPECT_EQ(ask(http::verb::options, "/healthz").result_int(), 405U);
}

TEST(Routes, APreflightIsAnswered) {
  const Response response = ask(http::verb::options, "/servers/provision");
  EXPECT_EQ(response.result_int(), 204U);
  EXPECT_EQ(response[http::field::access_control_allow_origin], "*");
  EXPECT_EQ(response[http::field::access_control_allow_methods], "GET");
}

TEST(Routes, ATargetThatIsNoPathIs400) {
  EXPECT_EQ(ask(http::verb::get, "http://x/").result_int(), 400U);
  EXPECT_EQ(ask(http::verb::options, "*").result_int(), 400U);
}

}  // namespace
}  // namespace spillway::balancer
