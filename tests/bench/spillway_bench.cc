// Drives one measurement and prints it as one line of JSON; run.mjs puts them together.
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <string>
#include <vector>

#include "ceiling.h"
#include "load/process_meter.h"
#include "load/rate_run.h"
#include "load/report.h"
#include "load/swarm.h"

namespace spillway::bench {
namespace {

using std::chrono::milliseconds;

constexpr int kFailed = 1;

struct RoomArguments {
  load::SwarmOptions swarm;
  load::RateRunOptions run;
  std::string commit;
  pid_t server = 0;
  pid_t redis = 0;
};

struct IdleArguments {
  load::SwarmOptions swarm;
  milliseconds hold{5000};
  pid_t server = 0;
};

int fail(const Error& error) {
  fmt::print(stderr, "spillway_bench: {}\n", error.message);
  return kFailed;
}

CLI::Option* add_ms(CLI::App& app, const std::string& name, milliseconds& target,
                    const std::string& help) {
  const auto set = [&target](std::int64_t ms) { target = milliseconds(ms); };
  return app.add_option_function<std::int64_t>(name, set, help)->check(CLI::Range(0, 3'600'000));
}

void add_swarm(CLI::App& app, load::SwarmOptions& swarm) {
  app.add_option("--host", swarm.host, "Of the server")->capture_default_str();
  app.add_option("--port", swarm.port, "Of the server")->required();
  app.add_option("--viewers", swarm.viewers)->required()->check(CLI::Range(1, 1'000'000));
  app.add_option("--rooms", swarm.rooms)->check(CLI::Range(1, 1'000'000));
}

CLI::App* add_room(CLI::App& app, RoomArguments& arguments) {
  CLI::App* room = app.add_subcommand("room", "Messages at a fixed rate, every delivery timed");
  add_swarm(*room, arguments.swarm);
  load::RateRunOptions& run = arguments.run;
  room->add_option("--rate", run.per_second, "Messages a second, over all rooms")
      ->required()
      ->check(CLI::Range(0.1, 1e6));
  room->add_option("--talkers", run.talkers, "Viewers that speak in turn")
      ->check(CLI::Range(1, 1'000'000));
  room->add_option("--size", run.text_bytes, "Bytes of text")->check(CLI::Range(16, 2048));
  add_ms(*room, "--warm-up-ms", run.warm_up, "Before the measurement");
  add_ms(*room, "--duration-ms", run.duration, "Of the measurement");
  add_ms(*room, "--drain-ms", run.drain, "At most, for what is still on its way");
  room->add_option("--server-pid", arguments.server, "Its processor time is measured");
  room->add_option("--redis-pid", arguments.redis, "Its processor time is measured");
  room->add_option("--commit", arguments.commit, "What is measured");
  return room;
}

CLI::App* add_idle(CLI::App& app, IdleArguments& arguments) {
  CLI::App* idle = app.add_subcommand("idle", "Memory and processor time of idle viewers");
  add_swarm(*idle, arguments.swarm);
  add_ms(*idle, "--hold-ms", arguments.hold, "How long they stay");
  idle->add_option("--server-pid", arguments.server)->required();
  return idle;
}

CLI::App* add_ceiling(CLI::App& app, CeilingOptions& options) {
  CLI::App* ceiling = app.add_subcommand("ceiling", "Writes a second of bare send on one core");
  ceiling->add_option("--sockets", options.sockets)->check(CLI::Range(1, 1'000'000));
  ceiling->add_option("--bytes", options.bytes)->check(CLI::Range(1, 65536));
  add_ms(*ceiling, "--duration-ms", options.duration, "Of the measurement");
  ceiling->add_option("--writer-core", options.writer_core);
  ceiling->add_option("--reader-core", options.reader_core);
  return ceiling;
}

int run_room(RoomArguments& arguments) {
  if (arguments.server != 0) arguments.run.watched.push_back({"server", arguments.server});
  if (arguments.redis != 0) arguments.run.watched.push_back({"redis", arguments.redis});
  Result<load::Swarm> swarm = load::Swarm::create(arguments.swarm);
  if (!swarm) return fail(swarm.error());
  const Result<load::RateRunResult> result = load::run_at_rate(*swarm, arguments.run);
  if (!result) return fail(result.error());
  fmt::print("{}\n", load::rate_run_json(arguments.swarm, arguments.run, *result,
                                         swarm->crowd().tally, arguments.commit));
  return 0;
}

// What the process uses at one moment.
struct Use {
  std::uint64_t resident_bytes = 0;
  Duration cpu{};
};

Result<Use> use_of(pid_t pid) {
  const Result<std::uint64_t> resident = load::resident_bytes(pid);
  if (!resident) return resident.error();
  const Result<Duration> cpu = load::cpu_time(pid);
  if (!cpu) return cpu.error();
  return Use{*resident, *cpu};
}

void wait_until(load::Swarm& swarm, TimePoint until) {
  while (Clock::now() < until) swarm.turn(until);
}

int run_idle(const IdleArguments& arguments) {
  Result<load::Swarm> swarm = load::Swarm::create(arguments.swarm);
  if (!swarm) return fail(swarm.error());
  const Result<Use> before = use_of(arguments.server);
  if (!before) return fail(before.error());
  const TimePoint begin = Clock::now();
  if (const Status status = swarm->connect(); !status) return fail(status.error());
  const TimePoint connected = Clock::now();
  // What comes in the first second belongs to the joining: counts, trailing updates.
  wait_until(*swarm, connected + std::min<Duration>(std::chrono::seconds(1), arguments.hold / 2));
  const Result<Use> settled = use_of(arguments.server);
  const TimePoint idle_since = Clock::now();
  wait_until(*swarm, connected + arguments.hold);
  const Result<Use> after = use_of(arguments.server);
  if (!settled || !after) return fail(Error{"the server is gone"});
  const auto viewers = static_cast<double>(arguments.swarm.viewers);
  const double grown =
      static_cast<double>(after->resident_bytes) - static_cast<double>(before->resident_bytes);
  fmt::print(
      R"({{"viewers":{},"rooms":{},"closed":{},"connect_s":{:.3f},"bytes_per_viewer":{:.0f},)"
      R"("resident_before":{},"resident_after":{},"idle_core":{:.4f}}})"
      "\n",
      arguments.swarm.viewers, arguments.swarm.rooms, swarm->crowd().tally.closed,
      to_ms(connected - begin) / 1000, grown / viewers, before->resident_bytes,
      after->resident_bytes, to_ms(after->cpu - settled->cpu) / to_ms(Clock::now() - idle_since));
  return 0;
}

int run_ceiling(const CeilingOptions& options) {
  const Result<CeilingResult> result = measure_ceiling(options);
  if (!result) return fail(result.error());
  const double writes = static_cast<double>(result->writes);
  fmt::print(R"({{"sockets":{},"bytes":{},"writes":{},"full":{},"writes_per_s":{:.0f},)"
             R"("writes_per_cpu_s":{:.0f}}})"
             "\n",
             options.sockets, options.bytes, result->writes, result->full,
             writes * 1000 / to_ms(result->took), writes * 1000 / to_ms(result->writer_cpu));
  return 0;
}

int run(int argc, char** argv) {
  CLI::App app("One measurement of Spillway's benchmark, as a line of JSON", "spillway_bench");
  app.require_subcommand(1);
  RoomArguments room_arguments;
  IdleArguments idle_arguments;
  CeilingOptions ceiling_options;
  const CLI::App* const room = add_room(app, room_arguments);
  const CLI::App* const idle = add_idle(app, idle_arguments);
  add_ceiling(app, ceiling_options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
  if (room->parsed()) return run_room(room_arguments);
  if (idle->parsed()) return run_idle(idle_arguments);
  return run_ceiling(ceiling_options);
}

}  // namespace
}  // namespace spillway::bench

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return spillway::bench::run(argc, argv);
  } catch (const std::exception& problem) {
    fmt::print(stderr, "spillway_bench: {}\n", problem.what());
    return spillway::bench::kFailed;
  }
}
