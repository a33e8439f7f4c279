#include "cli/load_flags.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/address.h"
#include "base/distribution.h"
#include "base/random.h"
#include "load/swarm.h"

namespace spillway::cli {
namespace {

using std::chrono::microseconds;

constexpr std::uint32_t kViewersMax = 1'000'000;
constexpr std::uint32_t kRoomsMax = 100'000;
constexpr std::size_t kEnvelopeBytes = 4096;  // of a message around its text, by far enough
constexpr std::uint32_t kEnginesMax = 256;    // two hexadecimal digits of each id

// Any value that a function reads and another one writes.
template <typename Value>
Flag value_flag(Value& target, FlagText text, Result<Value> (*read)(std::string_view),
                std::string (*write)(const Value&)) {
  const auto set = [&target, read](std::string_view given) -> Status {
    auto value = read(given);
    if (!value) return value.error();
    target = std::move(*value);
    return ok();
  };
  return {std::move(text.name), std::move(text.value), std::move(text.help), set,
          [&target, write] { return write(target); }};
}

// `5s-25s`, or one time for both.
Result<load::TalkInterval> parse_interval(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto min = parse_duration(text.substr(0, dash));
  const auto max = dash == std::string_view::npos ? min : parse_duration(text.substr(dash + 1));
  if (!min || !max || *min <= microseconds(0) || *max < *min || *max > std::chrono::hours(24)) {
    return Error{fmt::format("'{}' is no interval; give one such as 5s-25s or 10s", text)};
  }
  return load::TalkInterval{*min, *max};
}

std::string format_interval(const load::TalkInterval& interval) {
  const auto text = [](Duration time) {
    return format_duration(std::chrono::duration_cast<microseconds>(time));
  };
  if (interval.min == interval.max) return text(interval.min);
  return fmt::format("{}-{}", text(interval.min), text(interval.max));
}

Result<double> parse_share(std::string_view text) {
  const auto share = parse_percent(text);
  if (share && *share > 0) return share;
  return Error{fmt::format("'{}' is no share; give one such as 5%, up to 100%", text)};
}

std::string format_share(const double& share) { return fmt::format("{:g}%", share * 100); }

Result<std::optional<Duration>> parse_limit(std::string_view text) {
  constexpr std::string_view kP99 = "p99=";
  const auto limit =
      parse_duration(text.starts_with(kP99) ? text.substr(kP99.size()) : std::string_view());
  if (!limit || *limit <= microseconds(0) || *limit > std::chrono::hours(1)) {
    return Error{fmt::format("'{}' is no limit; give one such as p99=100ms, up to an hour", text)};
  }
  return std::optional<Duration>(*limit);
}

std::string format_limit(const std::optional<Duration>& limit) {
  if (!limit) return "";
  return "p99=" + format_duration(std::chrono::duration_cast<microseconds>(*limit));
}

Flag expect_flag(LoadSettings& settings) {
  const auto set = [&settings](std::string_view given) -> Status {
    auto expectations = load::parse_expectations(given);
    if (!expectations) return expectations.error();
    settings.expectations = std::move(*expectations);
    settings.expect = given;
    return ok();
  };
  return {"expect", "LIST", "What must hold, such as lost=0,p99<100ms; else exit 3", set,
          [&settings] { return settings.expect; }};
}

Status check_address(const std::string& url, std::string_view scheme) {
  if (const auto address = parse_address(url, {scheme}); !address) return address.error();
  return ok();
}

void add_who(FlagSet& flags, LoadSettings& settings) {
  load::LoadOptions& options = settings.options;
  flags.add(checked_flag(options.balancer,
                         {"balancer", "Asked by each viewer for its server", "URL"},
                         [](const std::string& url) { return check_address(url, "http"); }));
  flags.add(checked_flag(options.manners.fixed_url,
                         {"server", "Where all viewers go instead, without a balancer", "URL"},
                         [](const std::string& url) { return check_address(url, "ws"); }));
  flags.add(count_flag(options.viewers, {"chatters", "Viewers"}, {1, kViewersMax}));
  flags.add(count_flag(options.rooms, {"rooms", "Named chat-room-1 and so on"}, {1, kRoomsMax}));
  flags.add(value_flag(options.distribution,
                       {"distribution", "How viewers spread over rooms", "uniform|zipf:S"},
                       parse_distribution, format_distribution));
  flags.add(value_flag(options.talkers,
                       {"talkers", "Share of the viewers of each room that talk", "N%"},
                       parse_share, format_share));
}

void add_when(FlagSet& flags, LoadSettings& settings) {
  flags.add(value_flag(settings.options.interval,
                       {"interval", "Between two messages of a viewer", "TIME-TIME"},
                       parse_interval, format_interval));
  flags.add(duration_flag(settings.stagger,
                          {"stagger", "From one viewer's first connect to the next one's"},
                          {microseconds(0), std::chrono::hours(1)}));
  flags.add(duration_flag(
      settings.reconnect_delay,
      {"reconnect-delay", "At most before the first try to come back, doubled each time"},
      {microseconds(0), load::Manners::kReconnectDelayMax}));
  flags.add(duration_flag(
      settings.duration, {"duration", "What is measured, after the warm-up; 0: until Ctrl-C"}, {}));
  flags.add(
      duration_flag(settings.warm_up, {"warm-up", "After all are connected, not measured"}, {}));
  flags.add(duration_flag(settings.drain,
                          {"drain", "At most, at the end, for what is still on its way"}, {}));
}

void add_how(FlagSet& flags, LoadSettings& settings) {
  load::LoadOptions& options = settings.options;
  flags.add(size_flag(options.manners.text_bytes, {"size", "Text of a message"},
                      {load::kLoadTextBytesMin, load::Viewer::kMessageBytesMax - kEnvelopeBytes}));
  flags.add(text_flag(settings.scenario_file,
                      {"scenario", "TOML file: these flags, and bursts, raids, churn", "FILE"}));
  flags.add(value_flag(settings.p99_max,
                       {"find-limit", "Look for the highest load that keeps it", "p99=TIME"},
                       parse_limit, format_limit));
  flags.add(duration_flag(settings.limit_step,
                          {"limit-step", "How long each load is measured for that"},
                          {std::chrono::milliseconds(100), std::chrono::hours(1)}));
  flags.add(count_flag(options.threads, {"threads", "Of each process"}, {1, 64}));
  flags.add(count_flag(options.workers,
                       {"workers", "Processes; 0: as many as the descriptor limit asks for"},
                       {0, 64}));
  flags.add(
      switch_flag(settings.no_resume, {"no-resume",
                                       "Use neither since nor id: for any server that speaks the "
                                       "plain protocol"}));
  flags.add(count_flag(options.seed, {"seed", "Of who talks when; 0: a random one"},
                       {0, std::uint64_t{1} << 53U}));
}

void add_output(FlagSet& flags, LoadSettings& settings) {
  flags.add(text_flag(settings.json_file, {"json", "The result; -: to stdout", "FILE"}));
  flags.add(text_flag(settings.report_file, {"report", "The result as a page", "FILE.html"}));
  flags.add(expect_flag(settings));
}

}  // namespace

FlagSet load_flags(LoadSettings& settings) {
  settings.options.workers = 0;
  settings.options.seed = 0;
  FlagSet flags;
  add_who(flags, settings);
  add_when(flags, settings);
  add_how(flags, settings);
  add_output(flags, settings);
  return flags;
}

Settings harness_environment(const Environment& environment) {
  struct Name {
    std::string_view variable;
    std::string_view flag;
    std::string_view unit;
  };
  constexpr Name kNames[] = {
      {"LOAD_BALANCER_URL", "balancer", ""},
      {"CHATTER_COUNT", "chatters", ""},
      {"CHAT_ROOM_COUNT", "rooms", ""},
      {"INITIAL_CONNECT_STAGGER_MS", "stagger", "ms"},
      {"RECONNECT_DELAY_MS", "reconnect-delay", "ms"},
  };
  Settings settings;
  for (const auto& [variable, flag, unit] : kNames) {
    const auto text = environment(std::string(variable));
    if (!text) continue;
    settings[std::string(flag)] = {*text + std::string(unit), std::string(variable)};
  }
  const auto min = environment("MESSAGE_INTERVAL_MIN_MS");
  const auto max = environment("MESSAGE_INTERVAL_MAX_MS");
  if (min || max) {
    settings["interval"] = {
        fmt::format("{}ms-{}ms", min.value_or("5000"), max.value_or("25000")),
        min ? (max ? "MESSAGE_INTERVAL_MIN_MS, MESSAGE_INTERVAL_MAX_MS" : "MESSAGE_INTERVAL_MIN_MS")
            : "MESSAGE_INTERVAL_MAX_MS"};
  }
  return settings;
}

Status complete_load_options(LoadSettings& settings) {
  load::LoadOptions& options = settings.options;
  options.stagger = settings.stagger;
  options.duration = settings.duration;
  options.warm_up = settings.warm_up;
  options.drain = settings.drain;
  options.manners.reconnect_delay = settings.reconnect_delay;
  if (settings.p99_max) settings.limit = load::LimitGoal{*settings.p99_max, settings.limit_step};
  options.manners.resume = !settings.no_resume;
  // JavaScript's exact integers, so that the JSON can be used to make the run again.
  if (options.seed == 0) options.seed = random_seed() >> 11U;
  const std::size_t each = load::viewers_per_process_max();
  const auto needed = static_cast<std::uint32_t>((options.viewers + each - 1) / each);
  if (options.workers == 0) options.workers = needed;
  if (options.workers < needed) {
    return Error{
        fmt::format("--workers: {} viewers need {} processes, since one may have {} "
                    "descriptors; leave --workers out, or raise ulimit -Hn",
                    options.viewers, needed, each)};
  }
  if (options.engines() > kEnginesMax || options.engines() > options.viewers) {
    return Error{
        fmt::format("--threads: {} threads in {} processes are too many; have at most {} "
                    "in all, and no more than viewers",
                    options.threads, options.workers, kEnginesMax)};
  }
  // Without registered nobody could say from when on it is in another room.
  if (settings.no_resume && !options.scenario.raids.empty()) {
    return Error{
        "--no-resume: a raid needs servers that answer with registered; leave out the flag, or "
        "[[raid]] in the scenario"};
  }
  for (const load::Raid& raid : options.scenario.raids) {
    if (raid.room < options.rooms) continue;
    return Error{fmt::format("--scenario: a raid goes to chat-room-{}, and --rooms is {}",
                             raid.room + 1, options.rooms)};
  }
  return ok();
}

}  // namespace spillway::cli
