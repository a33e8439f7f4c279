#include "balancer/routes.h"

#include <utility>
#include <variant>

#include "balancer/plan_json.h"
#include "base/check.h"
#include "base/overloaded.h"
#include "protocol/json_writer.h"

namespace spillway::balancer {
namespace {

namespace http = boost::beast::http;
using Health = RouteSources::Health;

Response json(std::string body) {
  Response response;
  response.body = std::move(body);
  return response;
}

Response unavailable(std::string_view sentence) {
  return error_response(http::status::service_unavailable, sentence);
}

std::string server_json(std::string_view id, std::string_view url) {
  std::string body;
  body.reserve(id.size() + url.size() + 20);
  body += R"({"id":)";
  protocol::append_json_string(body, id);
  body += R"(,"url":)";
  protocol::append_json_string(body, url);
  body += '}';
  return body;
}

Response message(std::string_view sentence) {
  std::string body = R"({"message":)";
  protocol::append_json_string(body, sentence);
  return json(std::move(body += '}'));
}

Response healthz(const RouteSources& sources) {
  switch (sources.health()) {
    case Health::kStarting: {
      Response response = json(R"({"status":"starting"})");
      response.status = http::status::service_unavailable;
      return response;
    }
    case Health::kOk:
      return json(R"({"status":"ok"})");
    case Health::kDegraded:
    case Health::kLost:
      return json(R"({"status":"degraded"})");
  }
  CHECK(false);
}

// Through a short outage of Redis the last known servers are given: they go on serving. Then 503,
// since nobody can tell any more which of them are alive.
Response provision(const Provision& call, const RouteSources& sources) {
  switch (sources.health()) {
    case Health::kStarting:
      return unavailable("starting; try again in a second");
    case Health::kLost:
      return unavailable("Redis is away; try again later");
    case Health::kOk:
    case Health::kDegraded:
      break;
  }
  const auto given = sources.provision(call.room);
  if (!given) return error_response(http::status::not_found, "no chat server is up");
  return json(server_json(given->id, given->url));
}

Response redis_stats(const RouteSources& sources) {
  Response response;
  response.shared_body = sources.redis_stats();
  return response.shared_body ? response : unavailable("Redis was not read yet; try again later");
}

Response plan(const PlanQuestion& question) {
  return json(plan_json(question, plan_for(question.audience, question.settings)));
}

Response metrics(const RouteSources& sources) {
  Response response = json(sources.metrics());
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

// A copy of a callback may be made, of an Exchange not.
std::shared_ptr<Exchange> share(Exchange exchange) {
  return std::make_shared<Exchange>(std::move(exchange));
}

void run(const CreateServer&, Exchange exchange, const RouteSources& sources) {
  sources.create([shared = share(std::move(exchange))](const Result<Launched>& launched) {
    shared->answer(created(launched));
  });
}

void run(const DrainAny&, Exchange exchange, const RouteSources& sources) {
  sources.drain_any([shared = share(std::move(exchange))](const Result<std::string>& id) {
    shared->answer(drained_any(id));
  });
}

void run(const DrainServer& call, Exchange exchange, const RouteSources& sources) {
  sources.drain(call.id, [id = call.id, shared = share(std::move(exchange))](
                             RouteSources::Drain drain) { shared->answer(drained(id, drain)); });
}

void run(const StatsStream& call, Exchange exchange, const RouteSources& sources) {
  // X-Accel-Buffering: nginx would hold events back otherwise.
  auto stream = exchange.stream("X-Accel-Buffering: no\r\n");
  if (stream) sources.listen(std::move(*stream), call.rooms);
}

}  // namespace

Response created(const Result<Launched>& launched) {
  if (!launched) return unavailable("failed to start wss: " + launched.error().message);
  return json(server_json(launched->id, launched->url));
}

Response drained_any(const Result<std::string>& id) {
  if (!id) return unavailable(id.error().message);
  return message(id->empty() ? "no servers to delete" : "killed server " + *id);
}

Response drained(const std::string& id, RouteSources::Drain drain) {
  switch (drain) {
    case RouteSources::Drain::kOrdered:
      return message("killed server " + id);
    case RouteSources::Drain::kUnknown:
      return error_response(http::status::not_found, "there is no such server");
    case RouteSources::Drain::kAway:
      return unavailable("Redis is away; try again later");
  }
  CHECK(false);
}

std::optional<Response> answer_at_once(const ApiCall& call, const RouteSources& sources,
                                       const RouteOptions& options) {
  if (const auto* asked = std::get_if<Provision>(&call)) {
    Response response = provision(*asked, sources);
    response.headers += cors_header(options);
    return response;
  }
  if (std::holds_alternative<RedisStats>(call)) return redis_stats(sources);
  if (const auto* asked = std::get_if<Plan>(&call)) return plan(asked->question);
  if (std::holds_alternative<Healthz>(call)) return healthz(sources);
  if (std::holds_alternative<Metrics>(call)) return metrics(sources);
  return std::nullopt;
}

void route(Exchange exchange, const RouteSources& sources, const RouteOptions& options) {
  if (auto page = answer_page(exchange.request(), options.web)) {
    return exchange.answer(std::move(*page));
  }
  auto parsed = parse_call(exchange.request(), options);
  if (auto* const refusal = std::get_if<Response>(&parsed)) {
    return exchange.answer(std::move(*refusal));
  }
  const auto& call = *std::get_if<ApiCall>(&parsed);
  if (auto response = answer_at_once(call, sources, options)) {
    return exchange.answer(std::move(*response));
  }
  if (const auto* create = std::get_if<CreateServer>(&call)) {
    run(*create, std::move(exchange), sources);
  } else if (const auto* drain_any = std::get_if<DrainAny>(&call)) {
    run(*drain_any, std::move(exchange), sources);
  } else if (const auto* drain = std::get_if<DrainServer>(&call)) {
    run(*drain, std::move(exchange), sources);
  } else {
    run(*std::get_if<StatsStream>(&call), std::move(exchange), sources);
  }
}

}  // namespace spillway::balancer
