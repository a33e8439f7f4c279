#include "balancer/routes.h"

#include <array>

#include "protocol/json_writer.h"

namespace spillway::balancer {
namespace {

namespace http = boost::beast::http;
using Health = RouteSources::Health;

Response json(http::status status, std::string body) {
  Response response(status, 11);
  response.set(http::field::content_type, "application/json");
  response.set(http::field::cache_control, "no-store");
  response.body() = std::move(body);
  return response;
}

Response json_error(http::status status, std::string_view sentence) {
  std::string body = R"({"error":)";
  protocol::append_json_string(body, sentence);
  return json(status, body + "}");
}

Response healthz(const RouteSources& sources) {
  switch (sources.health()) {
    case Health::kStarting:
      return json(http::status::service_unavailable, R"({"status":"starting"})");
    case Health::kOk:
      return json(http::status::ok, R"({"status":"ok"})");
    case Health::kDegraded:
    case Health::kLost:
      return json(http::status::ok, R"({"status":"degraded"})");
  }
  CHECK(false);
}

// Through a short outage of Redis the last known servers are given: they go on serving. Then 503,
// since nobody can tell any more which of them are alive.
Response provision(const RouteSources& sources) {
  switch (sources.health()) {
    case Health::kStarting:
      return json_error(http::status::service_unavailable, "starting; try again in a second");
    case Health::kLost:
      return json_error(http::status::service_unavailable, "Redis is away; try again later");
    case Health::kOk:
    case Health::kDegraded:
      break;
  }
  const ServerState* const server = sources.provision();
  if (server == nullptr) return json_error(http::status::not_found, "no chat server is up");
  std::string body = R"({"id":)";
  protocol::append_json_string(body, server->id);
  body += R"(,"url":)";
  protocol::append_json_string(body, server->url);
  return json(http::status::ok, body + "}");
}

struct Route {
  std::string_view path;
  http::verb method;
  std::string_view allow;  // for 405
  bool open_to_all_origins;
  Response (*run)(const RouteSources&);
};

constexpr std::array kRoutes{
    Route{"/servers/provision", http::verb::get, "GET, HEAD, OPTIONS", true, provision},
    Route{"/healthz", http::verb::get, "GET, HEAD", false, healthz},
};

Response run(const Route& route, const Request& request, const RouteSources& sources) {
  if (route.open_to_all_origins && request.method() == http::verb::options) {
    Response response(http::status::no_content, 11);
    response.set(http::field::allow, route.allow);
    response.set(http::field::access_control_allow_methods, "GET");
    response.set(http::field::access_control_max_age, "86400");
    return response;
  }
  const bool head_of_get = request.method() == http::verb::head && route.method == http::verb::get;
  if (request.method() != route.method && !head_of_get) {
    Response response = json_error(http::status::method_not_allowed, "this method is not for it");
    response.set(http::field::allow, route.allow);
    return response;
  }
  return route.run(sources);
}

// The path without query and without /api.
std::string_view path_of(std::string_view target) {
  std::string_view path = target.substr(0, target.find_first_of("?#"));
  constexpr std::string_view kApi = "/api";
  if (path.rfind("/api/", 0) == 0) path.remove_prefix(kApi.size());
  return path;
}

}  // namespace

Response answer(const Request& request, const RouteSources& sources) {
  const std::string_view target(request.target().data(), request.target().size());
  if (target.empty() || target.front() != '/') {
    return json_error(http::status::bad_request, "the request's target must be a path");
  }
  const std::string_view path = path_of(target);
  for (const Route& route : kRoutes) {
    if (route.path != path) continue;
    Response response = run(route, request, sources);
    if (route.open_to_all_origins) {
      response.set(http::field::access_control_allow_origin, "*");
    }
    return response;
  }
  return json_error(http::status::not_found, "there is nothing at this path");
}

}  // namespace spillway::balancer
