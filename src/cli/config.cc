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

namespace {

Result<Settings> read_config_file(const std::string& path, const CommandInfo& info,
                                  const FlagSet& flags) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) {
    return Error{fmt::format("--config: '{}' cannot be read; name a TOML file", path)};
  }
  return read_config(text, path, info, flags);
}

std::optional<std::string> process_environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// Everything below the command line: file, then environment over it.
Result<Settings> lower_layers(std::string config_file, const CommandInfo& info,
                              const FlagSet& flags) {
  if (config_file.empty()) {
    config_file = process_environment(environment_name("config")).value_or("");
  }
  Settings settings;
  if (!config_file.empty()) {
    auto from_file = read_config_file(config_file, info, flags);
    if (!from_file) return from_file;
    settings = std::move(*from_file);
  }
  return overlay(std::move(settings), read_environment(flags, process_environment));
}

int say(const CommandInfo& info, const Error& error, int exit_code) {
  fmt::print(stderr, "spillway {}: {}\n", info.name, error.message);
  return exit_code;
}

}  // namespace

std::optional<int> configure(const CommandInfo& info, const FlagSet& flags,
                             const std::vector<std::string>& arguments) {
  const auto line = read_command_line(info, flags, arguments);
  if (!line) return usage_error(info, line.error());
  if (!line->answer.empty()) {
    fmt::print("{}", line->answer);
    return 0;
  }
  const auto lower = lower_layers(line->config_file, info, flags);
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
