// The page of `spillway load --report`.
#include <fmt/format.h>

#include <string>

#include "load/json_parts.h"
#include "load/report.h"
#include "load/report_template.h"

namespace spillway::load {
namespace {

constexpr std::string_view kMarker = R"("%DATA%")";

std::string time_or_null(const TimelinePoint& point, Duration time) {
  return point.timed == 0 ? "null" : fmt::format("{:.3f}", to_ms(time));
}

std::string point_json(const TimelinePoint& point) {
  return fmt::format(
      R"({{"t":{:.2f},"viewers":{},"sent":{:.1f},"deliveries":{:.0f},"p50":{},"p90":{},"p99":{},)"
      R"("p999":{},"max":{},"reconnects":{},"lost":{},"servers":{}}})",
      to_ms(point.at) / 1000, point.viewers, per_second(point.sent, point.lasts),
      per_second(point.deliveries, point.lasts), time_or_null(point, point.p50),
      time_or_null(point, point.p90), time_or_null(point, point.p99),
      time_or_null(point, point.p999), time_or_null(point, point.longest), point.reconnects,
      point.lost, servers_json(point.servers));
}

std::string timeline_json(const Timeline& timeline) {
  std::string out;
  for (const TimelinePoint& point : timeline.points()) {
    if (!out.empty()) out += ',';
    out += point_json(point);
  }
  return '[' + out + ']';
}

std::string histogram_json(const Histogram& histogram) {
  std::string out;
  for (std::size_t i = 0; i < Histogram::kBuckets; ++i) {
    if (histogram.count_in(i) == 0) continue;
    if (!out.empty()) out += ',';
    out += fmt::format("[{:.6f},{}]", to_ms(Histogram::longest_in(i)), histogram.count_in(i));
  }
  return '[' + out + ']';
}

std::string event_json(Duration at, Duration lasts, const std::string& what) {
  return fmt::format(R"({{"t":{:.2f},"for":{:.2f},"what":{}}})", to_ms(at) / 1000,
                     to_ms(lasts) / 1000, quoted(what));
}

std::string events_json(const Scenario& scenario) {
  std::string out;
  const auto add = [&out](const std::string& event) {
    if (!out.empty()) out += ',';
    out += event;
  };
  for (const Burst& burst : scenario.bursts) {
    add(event_json(burst.at, burst.lasts, fmt::format("burst ×{:g}", burst.factor)));
  }
  for (const Raid& raid : scenario.raids) {
    add(event_json(raid.at, raid.within,
                   fmt::format("raid: {} viewers to chat-room-{}", raid.viewers, raid.room + 1)));
  }
  return '[' + out + ']';
}

}  // namespace

std::string report_page(const Report& report) {
  const RunResult& run = report.result;
  const std::string data =
      fmt::format(R"({{"summary":{},"timeline":{},"histogram":{},"events":{}}})",
                  report_json(report), timeline_json(run.timeline),
                  histogram_json(run.total.latency), events_json(report.options.scenario));
  const std::string_view page = kReportTemplate;
  const std::size_t at = page.find(kMarker);
  std::string out(page.substr(0, at));
  // Inside a script element nothing may look like the end of it.
  for (const char c : data) {
    if (c == '<') {
      out += R"(\u003c)";
    } else {
      out += c;
    }
  }
  out += page.substr(at + kMarker.size());
  return out;
}

}  // namespace spillway::load
