#include "cli/config.h"

#include <fmt/core.h>

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace spillway::cli {

std::string environment_name(std::string_view flag) {
  std::string name = "SPILLWAY_";
  for (const char c : flag) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

Settings read_environment(const FlagSet& flags, const Environment& environment) {
  Settings settings;
  for (const Flag& flag : flags.all()) {
    const std::string name = environment_name(flag.name);
    if (auto text = environment(name)) settings[flag.name] = {std::move(*text), name};
  }
  return settings;
}

Settings overlay(Settings weaker, const Settings& stronger) {
  for (const auto& [flag, setting] : stronger) weaker[flag] = setting;
  return weaker;
}

Status store(const FlagSet& flags, const Settings& settings) {
  for (const Flag& flag : flags.all()) {
    const auto setting = settings.find(flag.name);
    if (setting == settings.end()) continue;
    if (const Status status = flag.set(setting->second.text); !status) {
      return Error{fmt::format("{}: {}", setting->second.source, status.error().message)};
    }
  }
  return ok();
}

Result<std::string> read_file(const std::string& path, std::string_view flag) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) return Error{fmt::format("{}: '{}' cannot be read; name a TOML file", flag, path)};
  return text;
}

std::optional<std::string> process_environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

namespace {

Result<Settings> file_layer(std::string path, const CommandInfo& info, const FlagSet& flags) {
  if (path.empty()) path = process_environment(environment_name("config")).value_or("");
  if (path.empty()) return Settings{};
  const auto text = read_file(path, "--config");
  if (!text) return text.error();
  return read_config(*text, path, info, flags);
}

// Everything but what is given as flags.
Result<Settings> lower_layers(const CommandLine& line, const CommandInfo& info,
                              const FlagSet& flags, const OwnLayer& own_layer) {
  auto file = file_layer(line.config_file, info, flags);
  if (!file) return file;
  const Settings environment = read_environment(flags, process_environment);
  if (!own_layer) return overlay(std::move(*file), environment);
  const auto own = own_layer(overlay(overlay(*file, environment), line.settings));
  if (!own) return own;
  return overlay(overlay(std::move(*file), *own), environment);
}

int say(const CommandInfo& info, const Error& error, int exit_code) {
  fmt::print(stderr, "spillway {}: {}\n", info.name, error.message);
  return exit_code;
}

}  // namespace

std::optional<int> configure(const CommandInfo& info, const FlagSet& flags,
                             const std::vector<std::string>& arguments, const OwnLayer& own_layer) {
  const auto line = read_command_line(info, flags, arguments);
  if (!line) return usage_error(info, line.error());
  if (!line->answer.empty()) {
    fmt::print("{}", line->answer);
    return 0;
  }
  const auto lower = lower_layers(*line, info, flags, own_layer);
  if (!lower) return usage_error(info, lower.error());
  if (const Status status = store(flags, overlay(*lower, line->settings)); !status) {
    return usage_error(info, status.error());
  }
  return std::nullopt;
}

int usage_error(const CommandInfo& info, const Error& error) {
  return say(info, error, kExitUsage);
}

int environment_error(const CommandInfo& info, const Error& error) {
  return say(info, error, kExitEnvironment);
}

}  // namespace spillway::cli
