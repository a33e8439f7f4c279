#include "balancer/fleet_guard.h"

#include <gtest/gtest.h>

namespace spillway::balancer {
namespace {

namespace http = boost::beast::http;

Request create(std::string host, std::string origin = "", std::string authorization = "") {
  Request request;
  request.method = http::verb::post;
  request.path = "/servers/create";
  request.host = std::move(host);
  request.origin = std::move(origin);
  request.authorization = std::move(authorization);
  return request;
}

unsigned status_of(const Request& request, const RouteOptions& options) {
  const auto refused = refuse_change(request, options);
  return refused ? static_cast<unsigned>(refused->status) : 200;
}

TEST(FleetGuard, ATokenIsNeededWhereOneIsSet) {
  RouteOptions options;
  options.admin_token = "secret";
  const struct {
    const char* authorization;
    unsigned status;
  } cases[] = {{"Bearer secret", 200},  {"bearer secret", 200},
               {"Bearer  secret", 200}, {"", 401},
               {"secret", 401},         {"Bearer", 401},
               {"Bearer ", 401},        {"Bearer secre", 401},
               {"Bearer secrett", 401}, {"Bearer Secret", 401},
               {"Bearer secret ", 401}, {"Basic c2VjcmV0", 401}};
  for (const bool bound_to_loopback : {true, false}) {
    options.bound_to_loopback = bound_to_loopback;
    for (const auto& [authorization, status] : cases) {
      const Request request = create("example.org", "https://example.com", authorization);
      EXPECT_EQ(status_of(request, options), status) << authorization;
    }
  }
}

TEST(FleetGuard, WhoHasNoTokenIsToldHowToSendIt) {
  RouteOptions options;
  options.admin_token = "secret";
  const auto refused = refuse_change(create("localhost"), options);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->headers, "WWW-Authenticate: Bearer\r\n");
  EXPECT_NE(refused->body.find("Bearer"), std::string::npos);
}

TEST(FleetGuard, WithoutATokenOnlyThisMachineMay) {
  RouteOptions options;
  options.bound_to_loopback = false;
  const auto refused = refuse_change(create("localhost:3000", "", "Bearer x"), options);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, http::status::forbidden);
  EXPECT_NE(refused->body.find("--admin-token"), std::string::npos);
}

TEST(FleetGuard, WithoutATokenTheHostIsANameOfThisMachine) {
  for (const char* const host : {"localhost", "LocalHost:3000", "127.0.0.1", "127.0.0.1:3000",
                                 "127.8.9.10", "[::1]", "[::1]:3000"}) {
    EXPECT_EQ(status_of(create(host), {}), 200U) << host;
  }
  for (const char* const host :
       {"", ":3000", "example.org", "localhost.example.org", "127.0.0.1.example.org:3000",
        "10.0.0.1", "0.0.0.0", "[::2]:3000", "[::1", "[]", "localhost@example.org", "127.1"}) {
    EXPECT_EQ(status_of(create(host), {}), 403U) << host;
  }
}

TEST(FleetGuard, WithoutATokenPagesOfOtherOriginsMayNot) {
  EXPECT_EQ(status_of(create("localhost:3000", "http://localhost:3000"), {}), 200U);
  EXPECT_EQ(status_of(create("[::1]:3000", "http://[::1]:3000"), {}), 200U);
  for (const char* const origin :
       {"null", "http://localhost", "http://localhost:5173", "http://127.0.0.1:3000",
        "https://example.org", "localhost:3000", "http://localhost:3000.example.org", "://"}) {
    EXPECT_EQ(status_of(create("localhost:3000", origin), {}), 403U) << origin;
  }
}

TEST(FleetGuard, EveryCallThatChangesTheFleetAsks) {
  RouteOptions options;
  options.admin_token = "secret";
  const struct {
    http::verb method;
    const char* path;
  } cases[] = {{http::verb::post, "/servers/create"},
               {http::verb::delete_, "/servers/delete"},
               {http::verb::delete_, "/api/servers/6f1c8a9e-3b52-4d7e-9a10-0123456789ab"}};
  for (const auto& [method, path] : cases) {
    Request request = create("localhost");
    request.method = method;
    request.path = path;
    EXPECT_TRUE(std::holds_alternative<Response>(parse_call(request, options))) << path;
    request.authorization = "Bearer secret";
    EXPECT_TRUE(std::holds_alternative<ApiCall>(parse_call(request, options))) << path;
  }
}

}  // namespace
}  // namespace spillway::balancer
