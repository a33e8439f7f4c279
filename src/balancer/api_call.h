// What a request asks of the balancer, decided from the request alone.
#pragma once

#include <cstddef>
#include <string>
#include <variant>

#include "balancer/http_message.h"
#include "balancer/plan_question.h"
#include "balancer/web_pages.h"

namespace spillway::balancer {

struct RouteOptions {
  std::string admin_token;  // empty: none is set
  bool bound_to_loopback = true;
  std::string cors_origin = "*";  // who may ask for a server; empty or "off": no other origin
  Capacity capacity;              // of a server, in a plan that does not say it
  WebOptions web;
};

// The calls of the HTTP interface.
struct Provision {
  std::string room;  // empty: none named
};
struct CreateServer {};
struct DrainAny {};
struct DrainServer {
  std::string id;
};
struct RedisStats {};
struct StatsStream {
  std::size_t rooms;  // how many of the busiest; SIZE_MAX: all
};
struct Plan {
  PlanQuestion question;
};
struct Healthz {};
struct Metrics {};
using ApiCall = std::variant<Provision, CreateServer, DrainAny, DrainServer, RedisStats,
                             StatsStream, Plan, Healthz, Metrics>;

// The call, or the answer where it is none: 404 for unknown paths, 405 with Allow for wrong
// methods, 400 for parameters that are none, 401 or 403 for who may not change the fleet, and a
// preflight's. Every path also means the same under /api. HEAD is GET here.
std::variant<ApiCall, Response> parse_call(const Request& request, const RouteOptions& options);

// The line that lets pages of other origins read what Provision is answered; empty: they may not.
std::string cors_header(const RouteOptions& options);

}  // namespace spillway::balancer
