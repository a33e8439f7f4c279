#include "balancer/api_call.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "balancer/fleet_guard.h"
#include "balancer/query.h"
#include "base/random.h"
#include "protocol/text.h"

namespace spillway::balancer {
namespace {

namespace http = boost::beast::http;
using Parsed = std::variant<ApiCall, Response>;

constexpr std::size_t kStreamRooms = 200;
constexpr std::size_t kStreamRoomsMax = 10'000;

Response bad_request(std::string_view sentence) {
  return error_response(http::status::bad_request, sentence);
}

Parsed provision(const Request& request, const RouteOptions& /*options*/) {
  const auto value = find_parameter(request.query, "room");
  if (!value || value->empty()) return Provision{};
  auto room = percent_decoded(*value);
  if (!room) return bad_request("room: percent signs are followed by two hexadecimal digits");
  if (!protocol::is_chat_id(*room)) {
    return bad_request("room: 1 to 128 bytes of UTF-8 without control characters and braces");
  }
  return Provision{std::move(*room)};
}

Parsed stats_stream(const Request& request, const RouteOptions& /*options*/) {
  const auto value = find_parameter(request.query, "rooms");
  if (!value) return StatsStream{kStreamRooms};
  if (*value == "all") return StatsStream{SIZE_MAX};
  std::size_t rooms = 0;
  const char* const end = value->data() + value->size();
  const auto [stop, problem] = std::from_chars(value->data(), end, rooms);
  if (problem != std::errc() || stop != end || rooms == 0 || rooms > kStreamRoomsMax) {
    return bad_request("rooms: a number from 1 to 10000, or all");
  }
  return StatsStream{rooms};
}

Parsed plan(const Request& request, const RouteOptions& options) {
  PlanQuestion question;
  question.settings.capacity = options.capacity;
  auto asked = parse_plan_query(request.query, question);
  if (!asked) return bad_request(asked.error().message);
  return Plan{*std::move(asked)};
}

template <typename Call>
Parsed plain(const Request& /*request*/, const RouteOptions& /*options*/) {
  return Call{};
}

struct Route {
  std::string_view path;
  http::verb method;
  Parsed (*parse)(const Request&, const RouteOptions&);
};

constexpr std::array kRoutes{
    Route{"/servers/provision", http::verb::get, provision},
    Route{"/servers/create", http::verb::post, plain<CreateServer>},
    Route{"/servers/delete", http::verb::delete_, plain<DrainAny>},
    Route{"/redis-stats", http::verb::get, plain<RedisStats>},
    Route{"/stats/stream", http::verb::get, stats_stream},
    Route{"/plan", http::verb::get, plan},
    Route{"/healthz", http::verb::get, plain<Healthz>},
    Route{"/metrics", http::verb::get, plain<Metrics>},
};

// /servers/{id}, whose id stands in the path.
constexpr std::string_view kServers = "/servers/";
constexpr Route kOneServer{kServers, http::verb::delete_, nullptr};

bool open_to_pages(const Route& route) { return route.parse == provision; }

const Route* find_route(std::string_view path) {
  for (const Route& route : kRoutes) {
    if (route.path == path) return &route;
  }
  if (!path.starts_with(kServers)) return nullptr;
  return is_uuid(std::string(path.substr(kServers.size()))) ? &kOneServer : nullptr;
}

std::string_view without_api(std::string_view path) {
  constexpr std::string_view kApi = "/api";
  if (path.starts_with("/api/")) path.remove_prefix(kApi.size());
  return path;
}

// 204 and what a browser wants to know before it asks across origins with headers of its own.
Response preflight() {
  Response response;
  response.status = http::status::no_content;
  response.headers =
      "Allow: GET, HEAD, OPTIONS\r\nAccess-Control-Allow-Methods: GET, HEAD\r\n"
      "Access-Control-Allow-Headers: *\r\nAccess-Control-Max-Age: 86400\r\n";
  return response;
}

Response wrong_method(const Route& route, bool with_options) {
  Response response =
      error_response(http::status::method_not_allowed, "this path has other methods: see Allow");
  const auto name = http::to_string(route.method);
  response.headers.append("Allow: ").append(name.data(), name.size());
  if (route.method == http::verb::get) response.headers += ", HEAD";
  if (with_options) response.headers += ", OPTIONS";
  response.headers += "\r\n";
  return response;
}

Parsed parse(const Route& route, std::string_view path, const Request& request,
             const RouteOptions& options) {
  const bool with_options = open_to_pages(route) && !cors_header(options).empty();
  if (with_options && request.method == http::verb::options) return preflight();
  const bool head_of_get = request.method == http::verb::head && route.method == http::verb::get;
  if (request.method != route.method && !head_of_get) return wrong_method(route, with_options);
  if (route.method != http::verb::get) {
    if (auto refused = refuse_change(request, options)) return std::move(*refused);
  }
  if (route.parse == nullptr) return DrainServer{std::string(path.substr(kServers.size()))};
  return route.parse(request, options);
}

}  // namespace

std::string cors_header(const RouteOptions& options) {
  if (options.cors_origin.empty() || options.cors_origin == "off") return {};
  return "Access-Control-Allow-Origin: " + options.cors_origin + "\r\n";
}

std::variant<ApiCall, Response> parse_call(const Request& request, const RouteOptions& options) {
  const std::string_view path = without_api(request.path);
  const Route* const route = find_route(path);
  if (route == nullptr) {
    return error_response(http::status::not_found, "there is nothing at this path");
  }
  Parsed parsed = parse(*route, path, request, options);
  if (Response* const response = std::get_if<Response>(&parsed);
      response != nullptr && open_to_pages(*route)) {
    response->headers += cors_header(options);
  }
  return parsed;
}

}  // namespace spillway::balancer
