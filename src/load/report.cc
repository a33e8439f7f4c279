#include "load/report.h"

#include <fmt/format.h>

#include "load/machine.h"
#include "protocol/json_writer.h"

namespace spillway::load {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  protocol::append_json_string(out, text);
  return out;
}

std::string_view word(Saturated side) {
  switch (side) {
    case Saturated::kNone:
      return "none";
    case Saturated::kServer:
      return "server";
    case Saturated::kLoad:
      return "load";
  }
  return "none";
}

std::string percentiles(const Histogram& histogram) {
  const auto ms = [&histogram](double share) { return to_ms(histogram.percentile(share)); };
  return fmt::format(R"({{"p50":{:.3f},"p90":{:.3f},"p99":{:.3f},"p999":{:.3f},"max":{:.3f}}})",
                     ms(0.5), ms(0.9), ms(0.99), ms(0.999), to_ms(histogram.max()));
}

std::string cpu_seconds(const RateRunResult& result) {
  std::string out;
  for (const CpuUse& cpu : result.cpu) {
    if (!out.empty()) out += ',';
    out += fmt::format("{}:{:.3f}", quoted(cpu.name), to_ms(cpu.used) / 1000);
  }
  return '{' + out + '}';
}

std::string counts(const RateRunResult& result, const Tally& tally) {
  const double seconds = to_ms(result.window) / 1000;
  return fmt::format(
      R"("sent":{},"acked":{},"deliveries":{},"deliveries_per_s":{:.0f},"lost":{},)"
      R"("duplicates":{},"out_of_order":{},"gaps":{},"gap_messages":{},"errors":{},"closed":{},)"
      R"("redistributed":{},"first_problem":{})",
      result.sent, tally.acked, tally.deliveries,
      static_cast<double>(tally.deliveries_in_window) / seconds, result.lost, tally.duplicates,
      tally.out_of_order, tally.gaps, tally.gap_messages, tally.errors, tally.closed,
      tally.redistributed, quoted(tally.first_problem));
}

}  // namespace

std::string machine_json() {
  const Machine machine = this_machine();
  return fmt::format(R"({{"cpu":{},"cores":{},"kernel":{}}})", quoted(machine.cpu), machine.cores,
                     quoted(machine.kernel));
}

std::string rate_run_json(const SwarmOptions& swarm, const RateRunOptions& options,
                          const RateRunResult& result, const Tally& tally,
                          std::string_view commit) {
  return fmt::format(
      R"({{"viewers":{},"rooms":{},"messages_per_s":{},"text_bytes":{},"duration_s":{:.3f},{},)"
      R"("measured_deliveries":{},"latency_ms":{},"lateness_ms":{},"connect_s":{:.3f},)"
      R"("cpu_s":{},"saturated":"{}","commit":{},"machine":{}}})",
      swarm.viewers, swarm.rooms, options.per_second, options.text_bytes,
      to_ms(result.window) / 1000, counts(result, tally), tally.latency.count(),
      percentiles(tally.latency), percentiles(result.lateness), to_ms(result.connect_took) / 1000,
      cpu_seconds(result), word(result.saturated), quoted(commit), machine_json());
}

}  // namespace spillway::load
