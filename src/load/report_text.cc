// The last lines of `spillway load`.
#include <fmt/format.h>

#include "load/report.h"
#include "load/words.h"

namespace spillway::load {
namespace {

void line(std::string& out, std::string_view name, const std::string& what) {
  out += fmt::format("  {:<11} {}\n", name, what);
}

std::string verdict(const Snapshot& total) {
  std::string wrong;
  const auto add = [&wrong](std::uint64_t number, std::string_view what) {
    if (number == 0) return;
    wrong += fmt::format("{}{} {}", wrong.empty() ? "" : ", ", grouped(number), what);
  };
  add(total.lost(), "lost");
  add(total.count(Metric::kDuplicates), "doubled");
  add(total.count(Metric::kOutOfOrder), "out of order");
  return wrong.empty() ? "nothing lost, nothing doubled, all in order" : wrong;
}

std::string latencies(const Histogram& latency) {
  if (latency.count() == 0) return "nothing was measured";
  return fmt::format("p50 {}  p90 {}  p99 {}  p99.9 {}  max {}",
                     latency_text(latency.percentile(0.5)), latency_text(latency.percentile(0.9)),
                     latency_text(latency.percentile(0.99)),
                     latency_text(latency.percentile(0.999)), latency_text(latency.max()));
}

void sent_line(std::string& out, const RunResult& run, bool with_ids) {
  const Snapshot& total = run.total;
  std::string what =
      fmt::format("{} ({}/s)", grouped(total.count(Metric::kSent)), grouped(run.sent_per_s()));
  if (with_ids) what += fmt::format(", {} acknowledged", grouped(total.count(Metric::kAcked)));
  const auto add = [&](Metric metric, std::string_view name) {
    if (total.count(metric) == 0) return;
    what += fmt::format(", {} {}", grouped(total.count(metric)), name);
  };
  add(Metric::kRefused, "refused");
  add(Metric::kUnsent, "not sent, since too many before them were unanswered");
  add(Metric::kRepeated, "repeated after a lost connection");
  line(out, "sent", what);
}

void viewers_line(std::string& out, const Snapshot& total) {
  line(out, "viewers",
       fmt::format("{} there at the end; {} reconnects, {} hand-overs, {} came, {} left, {} moved",
                   grouped(total.watching), grouped(total.count(Metric::kReconnects)),
                   grouped(total.count(Metric::kRedistributed)),
                   grouped(total.count(Metric::kConnects)), grouped(total.count(Metric::kLeft)),
                   grouped(total.count(Metric::kMoved))));
}

void gaps_line(std::string& out, const Snapshot& total) {
  if (total.count(Metric::kGaps) + total.count(Metric::kUnrecovered) == 0) return;
  line(out, "gaps",
       fmt::format("{} announced, {} messages in them ({} of viewers slow on purpose); {} resumes "
                   "into another epoch",
                   grouped(total.count(Metric::kGaps)), grouped(total.count(Metric::kGapMessages)),
                   grouped(total.count(Metric::kSlowSkipped)),
                   grouped(total.count(Metric::kUnrecovered))));
}

void limit_lines(std::string& out, const LimitSearch& limit) {
  const LimitStep* const best = limit.best();
  line(out, "limit",
       best == nullptr
           ? fmt::format("no load was carried with p99 below {}", latency_text(limit.p99_max()))
           : fmt::format("p99 below {} up to {} messages/s, {} deliveries/s",
                         latency_text(limit.p99_max()), grouped(best->messages_per_s),
                         grouped(best->deliveries_per_s)));
  for (const LimitStep& step : limit.steps()) {
    line(out, "",
         fmt::format("{} messages/s, {} deliveries/s: p99 {}{}{}{}", grouped(step.messages_per_s),
                     grouped(step.deliveries_per_s), latency_text(step.p99),
                     step.lost == 0 ? "" : fmt::format(", {} lost", grouped(step.lost)),
                     step.refused == 0 ? "" : fmt::format(", {} refused", grouped(step.refused)),
                     step.held             ? ""
                     : step.load_saturated ? ", too much for the load itself"
                                           : ", too much"));
  }
}

std::string saturation(const RunResult& run) {
  switch (run.saturated) {
    case Saturated::kNone:
      return "neither side";
    case Saturated::kServer:
      return "the server: p99 is over a second while the load was on time";
    case Saturated::kLoad:
      return "the load itself: these latencies say nothing about the server; use --threads, "
             "--workers, or fewer viewers";
  }
  return "";
}

}  // namespace

std::string report_text(const Report& report) {
  const RunResult& run = report.result;
  const LoadOptions& options = report.options;
  std::string out = fmt::format("{} in {} for {}{}: {}\n", counted(options.viewers, "viewer"),
                                counted(options.rooms, "room"), time_text(run.window),
                                run.interrupted ? " (ended early)" : "", verdict(run.total));
  sent_line(out, run, options.manners.resume);
  line(out, "delivered",
       fmt::format("{} ({}/s)", grouped(run.total.count(Metric::kDeliveries)),
                   grouped(run.deliveries_per_s())));
  line(out, "latency", latencies(run.total.latency));
  viewers_line(out, run.total);
  gaps_line(out, run.total);
  if (run.limit) limit_lines(out, *run.limit);
  line(out, "load",
       fmt::format("{:.0f} % of a core at most, messages at most {} late (p99)",
                   run.core_share * 100, latency_text(run.total.lateness.percentile(0.99))));
  line(out, "saturated", saturation(run));
  if (!run.total.problem.empty()) line(out, "first", "problem: " + run.total.problem);
  for (const Judgement& one : report.judgements) {
    line(out, "expected",
         fmt::format("{}: {} ({:.6g})", one.text, one.held ? "held" : "DID NOT HOLD", one.value));
  }
  return out;
}

}  // namespace spillway::load
