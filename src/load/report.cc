#include "load/report.h"

#include <fmt/format.h>

#include "load/json_parts.h"
#include "load/machine.h"
#include "load/words.h"

namespace spillway::load {
namespace {

std::string percentiles(const Histogram& histogram) {
  const auto ms = [&histogram](double share) { return to_ms(histogram.percentile(share)); };
  return fmt::format(R"({{"p50":{:.3f},"p90":{:.3f},"p99":{:.3f},"p999":{:.3f},"max":{:.3f}}})",
                     ms(0.5), ms(0.9), ms(0.99), ms(0.999), to_ms(histogram.max()));
}

std::string counts(const Snapshot& total) {
  std::string out;
  for (const auto& [name, metric] : kNamedMetrics) {
    out += fmt::format(R"("{}":{},)", name, total.count(metric));
  }
  return out;
}

std::string judgements_json(const std::vector<Judgement>& judgements) {
  std::string out;
  for (const Judgement& one : judgements) {
    if (!out.empty()) out += ',';
    out += fmt::format(R"({{"text":{},"value":{:.3f},"held":{}}})", quoted(one.text), one.value,
                       one.held);
  }
  return '[' + out + ']';
}

std::string step_json(const LimitStep& step) {
  return fmt::format(
      R"({{"pace":{:.4f},"messages_per_s":{:.1f},"deliveries_per_s":{:.0f},"p99_ms":{:.3f},)"
      R"("lost":{},"refused":{},"load_saturated":{},"held":{}}})",
      step.pace, step.messages_per_s, step.deliveries_per_s, to_ms(step.p99), step.lost,
      step.refused, step.load_saturated, step.held);
}

std::string limit_json(const std::optional<LimitSearch>& limit) {
  if (!limit) return "null";
  std::string steps;
  for (const LimitStep& step : limit->steps()) {
    if (!steps.empty()) steps += ',';
    steps += step_json(step);
  }
  const LimitStep* const best = limit->best();
  return fmt::format(
      R"({{"p99_ms":{:.3f},"sustained_messages_per_s":{:.1f},"sustained_deliveries_per_s":{:.0f},)"
      R"("steps":[{}]}})",
      to_ms(limit->p99_max()), best == nullptr ? 0 : best->messages_per_s,
      best == nullptr ? 0 : best->deliveries_per_s, steps);
}

}  // namespace

std::string machine_json() {
  const Machine machine = this_machine();
  return fmt::format(R"({{"cpu":{},"cores":{},"kernel":{}}})", quoted(machine.cpu), machine.cores,
                     quoted(machine.kernel));
}

std::string report_json(const Report& report, std::string_view extra) {
  const RunResult& run = report.result;
  const LoadOptions& options = report.options;
  return fmt::format(
      R"({{"viewers":{},"rooms":{},"distribution":{},"duration_s":{:.3f},{})"
      R"("deliveries_per_s":{:.1f},"sent_per_s":{:.1f},"lost":{},"first_problem":{},)"
      R"("latency_ms":{},"measured_deliveries":{},"lateness_ms":{},"connect_s":{:.3f},)"
      R"("load_core_share":{:.3f},"load_cpu_s":{:.3f},"saturated":"{}","interrupted":{},)"
      R"("expect":{},"limit":{},"seed":{},"text_bytes":{},"servers":{},"target":{},)"
      R"("command":{},"at":{},"commit":{},"machine":{}{}}})",
      options.viewers, options.rooms, quoted(format_distribution(options.distribution)),
      to_ms(run.window) / 1000, counts(run.total), run.deliveries_per_s(), run.sent_per_s(),
      run.total.lost(), quoted(run.total.problem), percentiles(run.total.latency),
      run.total.latency.count(), percentiles(run.total.lateness), to_ms(run.connect_took) / 1000,
      run.core_share, to_ms(run.cpu) / 1000, saturated_word(run.saturated), run.interrupted,
      judgements_json(report.judgements), limit_json(run.limit), options.seed,
      options.manners.text_bytes, servers_json(run.total.servers), quoted(target_of(options)),
      quoted(report.head.command), quoted(report.head.at), quoted(report.head.commit),
      machine_json(), extra);
}

}  // namespace spillway::load
