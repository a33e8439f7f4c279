#include "balancer/routes.h"

#include <gtest/gtest.h>

namespace spillway::balancer {
namespace {

namespace http = boost::beast::http;
using Health = RouteSources::Health;

constexpr const char* kId = "6f1c8a9e-3b52-4d7e-9a10-0123456789ab";

Request request(http::verb method, const std::string& target) {
  Request request;
  request.method = method;
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = target.substr(0, mark);
  request.query = target.substr(std::min(mark + 1, target.size()));
  request.host = "127.0.0.1:3000";
  return request;
}

struct World {
  Health health = Health::kOk;
  bool has_server = true;
  std::string room_asked;
  std::shared_ptr<const std::string> stats = std::make_shared<const std::string>("{}");
};

// What a call that needs no callback is answered.
Response ask(http::verb method, const std::string& target, World& world,
             const RouteOptions& options = {}) {
  RouteSources sources;
  sources.health = [&] { return world.health; };
  sources.provision = [&](std::string_view room) -> std::optional<RouteSources::Given> {
    world.room_asked = room;
    if (!world.has_server) return std::nullopt;
    return RouteSources::Given{"an-id", "ws://a:1"};
  };
  sources.redis_stats = [&] { return world.stats; };
  sources.metrics = [] { return std::string("spillway_servers 2\n"); };
  auto parsed = parse_call(request(method, target), options);
  if (auto* const refusal = std::get_if<Response>(&parsed)) return *refusal;
  auto response = answer_at_once(*std::get_if<ApiCall>(&parsed), sources, options);
  EXPECT_TRUE(response) << target;
  return response.value_or(Response());
}

Response ask(http::verb method, const std::string& target) {
  World world;
  return ask(method, target, world);
}

// What is asked, or nothing where it was refused.
template <typename Call>
std::optional<Call> call_of(const Request& request, const RouteOptions& options = {}) {
  auto parsed = parse_call(request, options);
  const auto* const call = std::get_if<ApiCall>(&parsed);
  if (call == nullptr) return std::nullopt;
  const auto* const wanted = std::get_if<Call>(call);
  return wanted == nullptr ? std::nullopt : std::optional<Call>(*wanted);
}

unsigned status_of(const Request& request, const RouteOptions& options = {}) {
  auto parsed = parse_call(request, options);
  const auto* const refusal = std::get_if<Response>(&parsed);
  return refusal == nullptr ? 200 : static_cast<unsigned>(refusal->status);
}

bool has_line(const Response& response, std::string_view line) {
  return ("\r\n" + response.headers).find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
}

TEST(Routes, ProvisionGivesIdAndUrlToEveryOrigin) {
  for (const char* const target :
       {"/servers/provision", "/api/servers/provision", "/servers/provision?room=lobby"}) {
    const Response response = ask(http::verb::get, target);
    EXPECT_EQ(response.status, http::status::ok) << target;
    EXPECT_EQ(response.body, R"({"id":"an-id","url":"ws://a:1"})");
    EXPECT_TRUE(has_line(response, "Access-Control-Allow-Origin: *"));
    EXPECT_EQ(response.content_type, "application/json");
  }
}

TEST(Routes, ProvisionPassesTheRoomOnDecoded) {
  const struct {
    const char* query;
    const char* room;
  } cases[] = {{"", ""},
               {"?room=", ""},
               {"?other=x", ""},
               {"?room=lobby", "lobby"},
               {"?x=y&room=a%20b+c", "a b c"},
               {"?room=caf%C3%A9%26", "caf\u00E9&"}};
  for (const auto& [query, room] : cases) {
    World world;
    world.room_asked = "never asked";
    ask(http::verb::get, std::string("/servers/provision") + query, world);
    EXPECT_EQ(world.room_asked, room) << query;
  }
}

TEST(Routes, ARoomThatIsNoneIs400AndStaysOpenToEveryOrigin) {
  for (const std::string& room :
       {std::string("%"), std::string("%4"), std::string("%zz"), std::string("%7Ba%7D"),
        std::string("%00"), std::string("%0A"), std::string("%ff"), std::string(129, 'r')}) {
    const Response response = ask(http::verb::get, "/servers/provision?room=" + room);
    EXPECT_EQ(response.status, http::status::bad_request) << room;
    EXPECT_EQ(response.body.rfind(R"({"error":"room: )", 0), 0U) << response.body;
    EXPECT_TRUE(has_line(response, "Access-Control-Allow-Origin: *"));
  }
  EXPECT_EQ(ask(http::verb::get, "/servers/provision?room=" + std::string(128, 'r')).status,
            http::status::ok);
}

TEST(Routes, ProvisionWithoutServerIs404AndStaysOpenToEveryOrigin) {
  World world;
  world.has_server = false;
  const Response response = ask(http::verb::get, "/servers/provision", world);
  EXPECT_EQ(response.status, http::status::not_found);
  EXPECT_EQ(response.body, R"({"error":"no chat server is up"})");
  EXPECT_TRUE(has_line(response, "Access-Control-Allow-Origin: *"));
}

TEST(Routes, ProvisionGivesTheLastKnownServersUntilRedisIsLost) {
  const struct {
    Health health;
    http::status status;
  } cases[] = {{Health::kDegraded, http::status::ok},
               {Health::kLost, http::status::service_unavailable},
               {Health::kStarting, http::status::service_unavailable}};
  for (const auto& [health, status] : cases) {
    World world;
    world.health = health;
    EXPECT_EQ(ask(http::verb::get, "/servers/provision", world).status, status);
  }
}

TEST(Routes, OtherOriginsAreLetInAsConfigured) {
  World world;
  const struct {
    const char* configured;
    const char* header;
  } cases[] = {{"*", "Access-Control-Allow-Origin: *\r\n"},
               {"https://chat.example", "Access-Control-Allow-Origin: https://chat.example\r\n"},
               {"off", ""},
               {"", ""}};
  for (const auto& [configured, header] : cases) {
    RouteOptions options;
    options.cors_origin = configured;
    EXPECT_EQ(ask(http::verb::get, "/servers/provision", world, options).headers, header);
    const unsigned preflight = *header == '\0' ? 405 : 204;
    EXPECT_EQ(status_of(request(http::verb::options, "/servers/provision"), options), preflight);
    EXPECT_EQ(ask(http::verb::get, "/healthz", world, options).headers, "");
  }
}

TEST(Routes, APreflightIsAnswered) {
  const Response response = ask(http::verb::options, "/servers/provision");
  EXPECT_EQ(response.status, http::status::no_content);
  EXPECT_TRUE(has_line(response, "Access-Control-Allow-Origin: *"));
  EXPECT_TRUE(has_line(response, "Access-Control-Allow-Methods: GET, HEAD"));
}

TEST(Routes, HealthzTellsWhatIsTheMatter) {
  const struct {
    Health health;
    http::status status;
    const char* body;
  } cases[] = {{Health::kOk, http::status::ok, R"({"status":"ok"})"},
               {Health::kDegraded, http::status::ok, R"({"status":"degraded"})"},
               {Health::kLost, http::status::ok, R"({"status":"degraded"})"},
               {Health::kStarting, http::status::service_unavailable, R"({"status":"starting"})"}};
  for (const auto& [health, status, body] : cases) {
    World world;
    world.health = health;
    const Response response = ask(http::verb::get, "/api/healthz", world);
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.body, body);
  }
}

TEST(Routes, StatsAreSharedWithWhoBuiltThem) {
  World world;
  EXPECT_EQ(ask(http::verb::get, "/redis-stats", world).shared_body, world.stats);
  world.stats = nullptr;
  EXPECT_EQ(ask(http::verb::get, "/redis-stats", world).status, http::status::service_unavailable);
}

TEST(Routes, MetricsArePrometheusText) {
  const Response response = ask(http::verb::get, "/metrics");
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(response.body, "spillway_servers 2\n");
}

TEST(Routes, AStreamHasTheBusiestRooms) {
  const struct {
    const char* query;
    std::size_t rooms;
  } cases[] = {{"", 200},     {"?rooms=1", 1},          {"?rooms=10000", 10'000},
               {"?x=y", 200}, {"?rooms=all", SIZE_MAX}, {"?rooms=007", 7}};
  for (const auto& [query, rooms] : cases) {
    const auto call =
        call_of<StatsStream>(request(http::verb::get, std::string("/stats/stream") + query));
    ASSERT_TRUE(call) << query;
    EXPECT_EQ(call->rooms, rooms) << query;
  }
  for (const char* const rooms :
       {"", "0", "10001", "-1", "+1", "1.5", "1e3", "ALL", "all ", "x", "18446744073709551616"}) {
    EXPECT_EQ(status_of(request(http::verb::get, std::string("/stats/stream?rooms=") + rooms)),
              400U)
        << rooms;
  }
}

TEST(Routes, CallsThatChangeTheFleetAreUnderstood) {
  EXPECT_TRUE(call_of<CreateServer>(request(http::verb::post, "/servers/create")));
  EXPECT_TRUE(call_of<DrainAny>(request(http::verb::delete_, "/api/servers/delete")));
  const auto drain =
      call_of<DrainServer>(request(http::verb::delete_, std::string("/servers/") + kId));
  ASSERT_TRUE(drain);
  EXPECT_EQ(drain->id, kId);
}

TEST(Routes, TheirAnswersAreThoseOfTheInterface) {
  EXPECT_EQ(created(Launched{"i", "ws://a:1"}).body, R"({"id":"i","url":"ws://a:1"})");
  const Response failed = created(Error{"no more memory"});
  EXPECT_EQ(failed.status, http::status::service_unavailable);
  EXPECT_EQ(failed.body, R"({"error":"failed to start wss: no more memory"})");

  EXPECT_EQ(drained_any(std::string("i")).body, R"({"message":"killed server i"})");
  EXPECT_EQ(drained_any(std::string()).body, R"({"message":"no servers to delete"})");
  EXPECT_EQ(drained_any(Error{"Redis is away"}).status, http::status::service_unavailable);

  EXPECT_EQ(drained("i", RouteSources::Drain::kOrdered).body, R"({"message":"killed server i"})");
  EXPECT_EQ(drained("i", RouteSources::Drain::kUnknown).status, http::status::not_found);
  EXPECT_EQ(drained("i", RouteSources::Drain::kAway).status, http::status::service_unavailable);
}

TEST(Routes, UnknownPathsAre404InJson) {
  for (const std::string target :
       {"/", "/api", "/api/", "/api/api/healthz", "//healthz", "/healthz/", "/HEALTHZ", "/servers",
        "/servers/", "/servers/provision/x", "/servers/6f1c8a9e", "/servers/%00",
        "/servers/6f1c8a9e-3b52-4d7e-9a10-0123456789ab/x"}) {
    const Response response = ask(http::verb::delete_, target);
    EXPECT_EQ(response.status, http::status::not_found) << target;
    EXPECT_EQ(response.body, R"({"error":"there is nothing at this path"})");
  }
}

TEST(Routes, WrongMethodsAre405WithAllow) {
  const struct {
    http::verb method;
    std::string target;
    const char* allow;
  } cases[] = {{http::verb::post, "/servers/provision", "Allow: GET, HEAD, OPTIONS"},
               {http::verb::delete_, "/servers/provision", "Allow: GET, HEAD, OPTIONS"},
               {http::verb::get, "/servers/create", "Allow: POST"},
               {http::verb::head, "/servers/create", "Allow: POST"},
               {http::verb::get, "/servers/delete", "Allow: DELETE"},
               {http::verb::get, std::string("/servers/") + kId, "Allow: DELETE"},
               {http::verb::options, "/healthz", "Allow: GET, HEAD"},
               {http::verb::post, "/plan?users=1", "Allow: GET, HEAD"},
               {http::verb::unknown, "/metrics", "Allow: GET, HEAD"}};
  for (const auto& [method, target, allow] : cases) {
    const Response response = ask(method, target);
    EXPECT_EQ(response.status, http::status::method_not_allowed) << target;
    EXPECT_TRUE(has_line(response, allow)) << response.headers;
  }
}

}  // namespace
}  // namespace spillway::balancer
