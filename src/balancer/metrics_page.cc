#include "balancer/metrics_page.h"

#include <fmt/format.h>

#include "base/metrics_text.h"

namespace spillway::balancer {
namespace {

void add_http(MetricsText& text, const HttpCounts& http) {
  text.gauge("http_connections", "Open connections", static_cast<double>(http.connections));
  text.gauge("http_streams", "Of those, listeners to /stats/stream",
             static_cast<double>(http.streams));
  text.counter("http_accepted", "Connections accepted", http.accepted);
  text.counter("http_turned_away", "Connections beyond what may be", http.turned_away);
  text.counter("http_timed_out", "Connections closed for being slow", http.timed_out);
  text.counter("http_streams_dropped", "Listeners that did not take what they were sent",
               http.streams_dropped);
  text.labelled_head("http_answers", "Requests answered, by class of their status");
  for (std::size_t status_class = 2; status_class < http.answers_by_class.size(); ++status_class) {
    text.labelled("http_answers", "status", fmt::format("{}xx", status_class),
                  http.answers_by_class[status_class]);
  }
}

}  // namespace

std::string metrics_page(const BalancerMetrics& metrics) {
  MetricsText text;
  text.gauge("fleet_servers_up", "Chat servers that viewers are given",
             static_cast<double>(metrics.servers_up));
  text.gauge("fleet_servers_other", "Chat servers that drain, are silent or have no address",
             static_cast<double>(metrics.servers_other));
  text.gauge("fleet_viewers", "Viewers on all servers", static_cast<double>(metrics.viewers));
  text.gauge("fleet_rooms", "Rooms, at most the busiest 10,000",
             static_cast<double>(metrics.rooms));
  text.gauge("children", "Chat servers that this balancer started",
             static_cast<double>(metrics.children));
  text.gauge("deciding", "1 while this balancer is the one that decides", metrics.deciding ? 1 : 0);
  text.gauge("redis_up", "1 while the connection to Redis is there",
             metrics.redis_connected ? 1 : 0);
  text.counter("provisions", "Viewers that were given a server", metrics.provisions);
  text.counter("decisions", "Decisions about the fleet, of rules and of people", metrics.decisions);
  text.counter("late_readings", "Readings of Redis too late to decide upon", metrics.late_readings);
  add_http(text, metrics.http);
  return text.take();
}

}  // namespace spillway::balancer
