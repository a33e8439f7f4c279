#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <ctime>
#include <fstream>
#include <string_view>
#include <utility>

#include "cli/commands.h"
#include "cli/config.h"
#include "cli/load_flags.h"
#include "cli/output.h"
#include "cli/scenario_file.h"
#include "cli/version.h"
#include "load/live_view.h"
#include "load/report.h"

namespace spillway::cli {
namespace {

constexpr int kExitNotAsExpected = 3;
constexpr std::chrono::seconds kLineEvery{5};

std::atomic<bool> stop_asked = false;  // what a signal handler may touch

// On a terminal a view that is drawn over itself, else a line now and then; always on stderr, so
// that stdout is the result.
class Screen {
 public:
  explicit Screen(const load::LoadOptions& options)
      : options_(options), terminal_(isatty(STDERR_FILENO) == 1) {}

  void show(const load::Progress& progress) {
    if (terminal_) return draw(progress);
    const TimePoint now = Clock::now();
    const bool measured = progress.window_begin.has_value();
    const bool news = std::exchange(phase_, progress.phase) != progress.phase ||
                      std::exchange(measured_, measured) != measured;
    if (now < next_line_ && !news) return;
    next_line_ = now + kLineEvery;
    fmt::print(stderr, "{}\n", load::progress_line(options_, progress));
  }

 private:
  void draw(const load::Progress& progress) {
    winsize size{};
    const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    const std::string view = load::live_view(options_, progress, known ? size.ws_col : 80);
    // Up over what was drawn last, and away with it.
    const std::string over = lines_ == 0 ? "" : fmt::format("\x1b[{}A\x1b[J", lines_);
    fmt::print(stderr, "{}{}", over, view);
    lines_ = static_cast<std::size_t>(std::count(view.begin(), view.end(), '\n'));
  }

  const load::LoadOptions& options_;
  const bool terminal_;
  std::size_t lines_ = 0;
  load::Phase phase_ = load::Phase::kConnecting;  // that was shown last
  bool measured_ = false;
  TimePoint next_line_{};
};

std::string iso_now() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return {text.data(), size};
}

// One word of a command as a shell takes it.
std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=,%@+-";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// As it was given, and the seed with it: what was set in the environment is not in it.
std::string command_of(const Arguments& arguments, const load::LoadOptions& options) {
  std::string command = "spillway load";
  bool seeded = false;
  for (const std::string& argument : arguments) {
    command += ' ';
    command += shell_word(argument);
    seeded = seeded || argument.starts_with("--seed");
  }
  return seeded ? command : fmt::format("{} --seed {}", command, options.seed);
}

Status write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  if (file.flush()) return ok();
  return Error{fmt::format("'{}' cannot be written; name a file in a folder that is there", path)};
}

Status hand_in(const LoadSettings& settings, const load::Report& report) {
  const bool to_stdout = settings.json_file == "-";
  fmt::print(to_stdout ? stderr : stdout, "{}", load::report_text(report));
  if (to_stdout) {
    fmt::print("{}\n", load::report_json(report));
  } else if (!settings.json_file.empty()) {
    const Status status = write_file(settings.json_file, load::report_json(report) + "\n");
    if (!status) return Error{"--json: " + status.error().message};
  }
  if (settings.report_file.empty()) return ok();
  const Status status = write_file(settings.report_file, load::report_page(report));
  if (!status) return Error{"--report: " + status.error().message};
  fmt::print(stderr, "report in {}\n", settings.report_file);
  return ok();
}

// Before the run, so that an hour of it is not lost to a typing error.
Status check_files(const LoadSettings& settings) {
  for (const std::string* path : {&settings.json_file, &settings.report_file}) {
    if (path->empty() || *path == "-") continue;
    const bool json = path == &settings.json_file;
    if (const std::ofstream file(*path, std::ios::app); !file) {
      return Error{fmt::format("{}: '{}' cannot be written; name a file in a folder that is there",
                               json ? "--json" : "--report", *path)};
    }
  }
  return ok();
}

void listen_to_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { stop_asked = true; };
  action.sa_flags = SA_RESTART | SA_RESETHAND;  // a second one ends the process at once
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int run(const CommandInfo& info, const LoadSettings& settings, const Arguments& arguments) {
  const load::LoadOptions& options = settings.options;
  const load::ReportHead head{command_of(arguments, options), commit(), iso_now()};
  listen_to_signals();
  Screen screen(options);
  load::RunEvents events;
  events.on_progress = [&screen](const load::Progress& progress) { screen.show(progress); };
  events.stop_asked = [] { return stop_asked.load(); };
  const auto result = load::run_load(options, settings.limit, events);
  if (!result) {
    const bool by_balancer = options.manners.fixed_url.empty();
    return environment_error(
        info,
        {fmt::format("{}: {}{}", by_balancer ? "--balancer" : "--server", result.error().message,
                     by_balancer ? "; `spillway up` starts one" : "; is one running there?")});
  }
  const auto judgements = load::judge(settings.expectations, *result);
  const Status status = hand_in(settings, {head, options, *result, judgements});
  if (!status) return environment_error(info, status.error());
  if (!result->broken.empty()) {
    return environment_error(info, {result->broken + "; what it had until then is no result"});
  }
  const bool held = std::all_of(judgements.begin(), judgements.end(),
                                [](const load::Judgement& one) { return one.held; });
  return held ? 0 : kExitNotAsExpected;
}

}  // namespace

int run_load_command(const Arguments& arguments) {
  const CommandInfo info{"load",
                         "  spillway load --chatters 500 --stagger 2ms --duration 30s\n"
                         "  spillway load --scenario scenarios/goal.toml --report goal.html\n"
                         "  spillway load --server ws://127.0.0.1:8080 --find-limit p99=100ms\n"
                         "  spillway load --stagger 1ms --expect 'lost=0,p99<100ms'"};
  LoadSettings settings;
  const FlagSet flags = load_flags(settings);
  const auto own_layer = [&](const Settings& others) -> Result<Settings> {
    const Settings harness = harness_environment(process_environment);
    const auto named = others.find("scenario");
    if (named == others.end() || named->second.text.empty()) return harness;
    const auto text = read_file(named->second.text, named->second.source);
    if (!text) return text.error();
    auto file = read_scenario(*text, named->second.text, flags);
    if (!file) return file.error();
    settings.options.scenario = std::move(file->scenario);
    return overlay(std::move(file->settings), harness);
  };
  if (const auto exit_code = configure(info, flags, arguments, own_layer)) return *exit_code;
  if (const Status status = complete_load_options(settings); !status) {
    return usage_error(info, status.error());
  }
  if (const Status status = check_files(settings); !status)
    return usage_error(info, status.error());
  return run(info, settings, arguments);
}

}  // namespace spillway::cli
