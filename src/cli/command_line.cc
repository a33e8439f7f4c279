// The command line layer. Apart, because CLI11 is a large header.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <numeric>

#include "cli/commands.h"
#include "cli/config.h"
#include "cli/version.h"

namespace spillway::cli {
namespace {

// Levenshtein's distance, in one row.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

Error unexpected(const CommandInfo& info, const FlagSet& flags, const std::string& argument) {
  if (argument.rfind("--", 0) != 0) {
    return {fmt::format("'{}' belongs to no flag; `spillway {} --help` lists them", argument,
                        info.name)};
  }
  const std::string given = argument.substr(2, argument.find('=') - 2);
  std::string nearest;
  std::size_t nearest_distance = 3;  // further away it is no typing error
  for (const Flag& flag : flags.all()) {
    const std::size_t far = distance(given, flag.name);
    if (far < nearest_distance) {
      nearest = flag.name;
      nearest_distance = far;
    }
  }
  if (!nearest.empty())
    return {fmt::format("there is no --{}; did you mean --{}?", given, nearest)};
  return {fmt::format("there is no --{}; `spillway {} --help` lists the flags", given, info.name)};
}

std::string help_of(const CLI::App& app, const CommandInfo& info) {
  return app.help() + "\nExample:\n" + info.example + "\n";
}

// CLI11 tells its news by exceptions; they end here.
Status parse(CLI::App& app, std::vector<std::string> arguments) {
  // CLI11 2.1 reads `--flag=` as a flag whose value is the next argument.
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].rfind("--", 0) != 0 || arguments[i].find('=') + 1 != arguments[i].size()) {
      continue;
    }
    arguments[i].pop_back();
    arguments.insert(arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1, std::string());
  }
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants it
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ArgumentMismatch& problem) {
    const std::string_view what = problem.what();  // "--port: 1 required PORT missing"
    return Error{fmt::format("{} needs a value", what.substr(0, what.find(':')))};
  } catch (const CLI::ParseError& problem) {
    return Error{problem.what()};
  }
  return ok();
}

// A switch that stands alone gets the value that it means.
void complete_switches(const FlagSet& flags, std::vector<std::string>& arguments) {
  for (std::string& argument : arguments) {
    if (argument.rfind("--", 0) != 0) continue;
    const Flag* const flag = flags.find(std::string_view(argument).substr(2));
    if (flag != nullptr && flag->value.empty()) argument += "=true";
  }
}

// The texts are kept as they came: CLI11's own conversions would give brackets a meaning.
CLI::Option* add_option(CLI::App& app, const Flag& flag, std::string& text) {
  const auto keep = [&text](const CLI::results_t& results) {
    text = results.empty() ? std::string() : results.back();
    return true;
  };
  return app.add_option("--" + flag.name, keep, flag.help)
      ->type_name(flag.value)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

void set_up(CLI::App& app, const CommandInfo& info) {
  app.name("spillway " + info.name);
  app.allow_extras();
  app.set_help_flag();  // its own would end the parse by an exception
  const std::string help = "Print this";
  app.add_flag("-h,--help", help);
  const std::string version = "Print version and commit";
  app.add_flag("--version", version);
  app.get_formatter()->column_width(36);
}

}  // namespace

Result<CommandLine> read_command_line(const CommandInfo& info, const FlagSet& flags,
                                      std::vector<std::string> arguments) {
  const Command* const command = find_command(info.name);
  CLI::App app(command == nullptr ? std::string() : command->summary);
  set_up(app, info);
  CommandLine line;
  const std::string about_config = "TOML file with a table [" + info.name + "], keys as the flags";
  add_option(app, {"config", "FILE", about_config, {}, {}}, line.config_file);
  std::map<std::string, std::string> texts;
  for (const Flag& flag : flags.all()) {
    Flag shown = flag;
    const std::string setting = flag.show();
    if (!setting.empty()) shown.help += fmt::format(" (default {})", setting);
    add_option(app, shown, texts[flag.name]);
  }
  complete_switches(flags, arguments);
  if (const Status status = parse(app, std::move(arguments)); !status) return status.error();
  if (app.count("--help") > 0) {
    line.answer = help_of(app, info);
    return line;
  }
  if (app.count("--version") > 0) {
    line.answer = version_line() + "\n";
    return line;
  }
  if (const auto extras = app.remaining(); !extras.empty()) {
    return unexpected(info, flags, extras.front());
  }
  for (auto& [name, text] : texts) {
    if (app.count("--" + name) == 0) continue;
    line.settings[name] = {std::move(text), "--" + name};
  }
  return line;
}

}  // namespace spillway::cli
