// Drives one measurement and prints it as one line of JSON; run.mjs puts them together.
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "ceiling.h"
#include "dialects.h"
#include "load/cast.h"
#include "load/process_meter.h"
#include "load/report.h"
#include "load/run.h"
#include "load/swarm.h"

namespace spillway::bench {
namespace {

using std::chrono::milliseconds;

constexpr int kFailed = 1;
// Between two messages of a viewer whose room is quiet.
constexpr std::chrono::hours kNever{24};
// A core of which this share is used has nothing left that can be relied on.
constexpr double kFull = 0.95;
// One that two processes share has nothing left sooner: each waits for the other to give it up.
constexpr double kSharedFull = 0.9;

// Another process whose processor time over the measured window is wanted.
struct Watched {
  std::string name;
  pid_t pid = 0;
};

struct Target {
  std::string host = "127.0.0.1";
  std::string port;
  std::string path = "/";
  std::uint32_t viewers = 1;
  std::uint32_t rooms = 1;
};

struct RoomArguments {
  Target target;
  double per_second = 20;      // messages, over all rooms
  std::uint32_t talkers = 50;  // viewers that speak
  bool plain = false;
  std::string dialect;
  load::LoadOptions options;
  milliseconds warm_up{2000};
  milliseconds duration{10'000};
  milliseconds drain{5000};
  std::string return_url;           // where to go after a lost connection; empty: there again
  milliseconds return_within{500};  // by chance
  std::string commit;
  pid_t server = 0;
  pid_t redis = 0;
};

struct IdleArguments {
  Target target;
  milliseconds hold{5000};
  std::uint32_t messages = 0;  // that each viewer says before, about
  milliseconds every{15'000};  // between two of them
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

void add_target(CLI::App& app, Target& target) {
  app.add_option("--host", target.host, "Of the server")->capture_default_str();
  app.add_option("--port", target.port, "Of the server")->required();
  app.add_option("--path", target.path, "Of the server")->capture_default_str();
  app.add_option("--viewers", target.viewers)->required()->check(CLI::Range(1, 1'000'000));
  app.add_option("--rooms", target.rooms)->check(CLI::Range(1, 1'000'000));
}

CLI::App* add_room(CLI::App& app, RoomArguments& arguments) {
  CLI::App* room = app.add_subcommand("room", "Messages at a fixed rate, every delivery timed");
  add_target(*room, arguments.target);
  room->add_option("--rate", arguments.per_second, "Messages a second, over all rooms")
      ->required()
      ->check(CLI::Range(0.1, 1e6));
  room->add_option("--talkers", arguments.talkers, "Viewers that speak")
      ->check(CLI::Range(1, 1'000'000));
  room->add_option("--size", arguments.options.manners.text_bytes, "Bytes of text")
      ->check(CLI::Range(32, 2048));
  room->add_flag("--plain", arguments.plain, "The server speaks the plain JSON protocol only");
  room->add_option("--dialect", arguments.dialect, "It speaks another protocol: bare or nats")
      ->check(CLI::IsMember({"bare", "nats"}));
  add_ms(*room, "--warm-up-ms", arguments.warm_up, "Before the measurement");
  add_ms(*room, "--duration-ms", arguments.duration, "Of the measurement");
  room->add_option("--return-url", arguments.return_url, "Where to go after a lost connection");
  add_ms(*room, "--return-within-ms", arguments.return_within, "Of the loss, by chance");
  add_ms(*room, "--drain-ms", arguments.drain, "At most, for what is still on its way");
  room->add_option("--server-pid", arguments.server, "Its processor time is measured");
  room->add_option("--redis-pid", arguments.redis, "Its processor time is measured");
  room->add_option("--commit", arguments.commit, "What is measured");
  return room;
}

CLI::App* add_idle(CLI::App& app, IdleArguments& arguments) {
  CLI::App* idle = app.add_subcommand("idle", "Memory and processor time of idle viewers");
  add_target(*idle, arguments.target);
  add_ms(*idle, "--hold-ms", arguments.hold, "How long they stay after that");
  add_ms(*idle, "--every-ms", arguments.every, "Between two messages of a viewer");
  idle->add_option("--messages", arguments.messages, "Each viewer says about so many before")
      ->check(CLI::Range(0, 100));
  idle->add_option("--server-pid", arguments.server)->required();
  return idle;
}

CLI::App* add_ceiling(CLI::App& app, CeilingOptions& options) {
  CLI::App* ceiling = app.add_subcommand("ceiling", "Bare writes a second on one core");
  ceiling->add_option("--sockets", options.sockets)->check(CLI::Range(1, 1'000'000));
  ceiling->add_option("--bytes", options.bytes)->check(CLI::Range(1, 65536));
  ceiling->add_flag("--uring", options.uring, "By io_uring instead of send");
  add_ms(*ceiling, "--duration-ms", options.duration, "Of the measurement");
  ceiling->add_option("--writer-core", options.writer_core);
  ceiling->add_option("--reader-core", options.reader_core);
  return ceiling;
}

load::LoadOptions options_for(const Target& target) {
  load::LoadOptions options;
  options.manners.fixed_url = fmt::format("ws://{}:{}{}", target.host, target.port, target.path);
  options.manners.text_bytes = 40;
  options.viewers = target.viewers;
  options.rooms = target.rooms;
  options.stagger = Duration::zero();
  load::viewers_per_process_max();  // raises the descriptor limit
  return options;
}

// Processor time of other processes over the measured window.
class CpuMeter {
 public:
  explicit CpuMeter(std::vector<Watched> watched) : watched_(std::move(watched)) {
    used_.resize(watched_.size());
  }

  // With -1 as the window begins and with 1 as it ends: what is left is the difference.
  void note(int sign) {
    for (std::size_t i = 0; i < watched_.size(); ++i) {
      if (const auto used = load::cpu_time(watched_[i].pid)) used_[i] += *used * sign;
    }
  }

  Duration used(std::string_view name) const {
    for (std::size_t i = 0; i < watched_.size(); ++i) {
      if (watched_[i].name == name) return used_[i];
    }
    return {};
  }

  // ,"cpu_s":{"load":…,"server":…}
  std::string json(Duration load) const {
    std::string out = fmt::format(R"(,"cpu_s":{{"load":{:.3f})", to_ms(load) / 1000);
    for (std::size_t i = 0; i < watched_.size(); ++i) {
      out += fmt::format(R"(,"{}":{:.3f})", watched_[i].name, to_ms(used_[i]) / 1000);
    }
    return out + '}';
  }

 private:
  const std::vector<Watched> watched_;
  std::vector<Duration> used_;
};

std::string spread(const load::Histogram& times) {
  return fmt::format(R"({{"count":{},"p50":{:.3f},"p99":{:.3f},"max":{:.3f}}})", times.count(),
                     to_ms(times.percentile(0.5)), to_ms(times.percentile(0.99)),
                     to_ms(times.max()));
}

int run_room(RoomArguments& arguments) {
  load::LoadOptions options = options_for(arguments.target);
  options.manners.text_bytes = arguments.options.manners.text_bytes;
  options.manners.dialect = dialect(arguments.dialect);
  options.manners.resume = !arguments.plain && options.manners.dialect == nullptr;
  const std::uint32_t talkers =
      std::min(std::max(arguments.talkers, options.rooms), options.viewers);
  options.talkers = static_cast<double>(talkers) / options.viewers;
  // As many messages a second as are wanted, whoever is cast to talk.
  const double interval_s = static_cast<double>(load::talkers_of(options)) / arguments.per_second;
  options.interval.min = options.interval.max =
      Duration(static_cast<Duration::rep>(interval_s * 1e9));
  options.manners.return_url = arguments.return_url;
  options.manners.reconnect_delay = arguments.return_within;
  options.warm_up = arguments.warm_up;
  options.duration = arguments.duration;
  options.drain = arguments.drain;
  std::vector<Watched> watched;
  if (arguments.server != 0) watched.push_back({"server", arguments.server});
  if (arguments.redis != 0) watched.push_back({"redis", arguments.redis});
  CpuMeter cpu(std::move(watched));
  load::RunEvents events;
  events.on_window_begin = [&cpu] { cpu.note(-1); };
  events.on_window_end = [&cpu] { cpu.note(1); };
  auto result = load::run_load(options, std::nullopt, events);
  if (!result) return fail(result.error());
  // Here the server's use is known, elsewhere only its answers.
  const bool server_full = to_ms(cpu.used("server")) > kFull * to_ms(result->window);
  if (result->saturated != load::Saturated::kLoad && server_full) {
    result->saturated = load::Saturated::kServer;
  }
  // Redis and the load share a core.
  if (result->saturated == load::Saturated::kNone &&
      to_ms(cpu.used("redis") + result->cpu) > kSharedFull * to_ms(result->window)) {
    result->saturated = load::Saturated::kLoad;
  }
  const load::ReportHead head{"", arguments.commit, ""};
  const std::string extra =
      fmt::format(R"(,"messages_per_s":{},"catch_up_ms":{},"pause_ms":{})", arguments.per_second,
                  spread(result->total.catch_up), spread(result->total.pause));
  fmt::print("{}\n",
             load::report_json({head, options, *result, {}}, extra + cpu.json(result->cpu)));
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

int run_idle(const IdleArguments& arguments) {
  load::LoadOptions options = options_for(arguments.target);
  // What comes in the first second belongs to the joining: counts, trailing updates.
  options.warm_up = std::min<Duration>(std::chrono::seconds(1), arguments.hold / 2);
  options.interval.min = options.interval.max = kNever;
  options.duration = arguments.hold;
  if (arguments.messages == 0) {
    options.talkers = 1e-9;  // one viewer at least
  } else {
    // All talk at first, and then nobody does.
    const Duration talking = arguments.every * arguments.messages;
    options.scenario.bursts.push_back({{}, talking, to_ms(kNever) / to_ms(arguments.every)});
    options.duration += talking;
  }
  const Result<Use> before = use_of(arguments.server);
  if (!before) return fail(before.error());
  std::optional<Use> settled;
  std::optional<Use> after;
  const auto note = [&arguments](std::optional<Use>& use) {
    if (const Result<Use> now = use_of(arguments.server)) use = *now;
  };
  load::RunEvents events;
  events.on_window_begin = [&] { note(settled); };
  events.on_window_end = [&] { note(after); };
  const auto result = load::run_load(options, std::nullopt, events);
  if (!result) return fail(result.error());
  if (!settled || !after) return fail(Error{"the server is gone"});
  const double grown =
      static_cast<double>(after->resident_bytes) - static_cast<double>(before->resident_bytes);
  fmt::print(
      R"({{"viewers":{},"rooms":{},"closed":{},"connect_s":{:.3f},"bytes_per_viewer":{:.0f},)"
      R"("resident_before":{},"resident_after":{},"idle_core":{:.4f}}})"
      "\n",
      options.viewers, options.rooms, result->total.count(load::Metric::kFailures),
      to_ms(result->connect_took) / 1000, grown / options.viewers, before->resident_bytes,
      after->resident_bytes, to_ms(after->cpu - settled->cpu) / to_ms(result->window));
  return 0;
}

int run_ceiling(const CeilingOptions& options) {
  const Result<CeilingResult> result = measure_ceiling(options);
  if (!result) return fail(result.error());
  const double writes = static_cast<double>(result->writes);
  fmt::print(R"({{"uring":{},"sockets":{},"bytes":{},"writes":{},"full":{},"writes_per_s":{:.0f},)"
             R"("writes_per_cpu_s":{:.0f}}})"
             "\n",
             options.uring, options.sockets, options.bytes, result->writes, result->full,
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
