// Where a command's settings come from. Flags beat the environment (SPILLWAY_<FLAG>), the
// environment beats the file (--config FILE: TOML, one table a command, keys as the flags without
// dashes), the file beats the defaults. CLI11 would let the file beat the environment, so it is
// only asked for the command line, and the layers are laid over each other here.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/flags.h"

namespace spillway::cli {

constexpr int kExitEnvironment = 1;  // Redis, a port, a file system: what is around us
constexpr int kExitUsage = 2;        // a flag, a value, a key

// What a command says about itself, besides its flags.
struct CommandInfo {
  std::string name;     // "server"
  std::string example;  // one or more lines that can be pasted
};

// A text and where it stands: "--port", "SPILLWAY_PORT" or "a.toml: server.port".
struct Setting {
  std::string text;
  std::string source;
};

// One layer: settings by the name of their flag.
using Settings = std::map<std::string, Setting, std::less<>>;

// "rate-limit": SPILLWAY_RATE_LIMIT.
std::string environment_name(std::string_view flag);

struct CommandLine {
  Settings settings;
  std::string config_file;  // of --config; empty: not given
  std::string answer;       // what --help or --version prints; the command is then not run
};
Result<CommandLine> read_command_line(const CommandInfo& info, const FlagSet& flags,
                                      std::vector<std::string> arguments);

using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Settings read_environment(const FlagSet& flags, const Environment& environment);

// `text` is the content of the file called `path`. Tables of other commands are not looked into.
Result<Settings> read_config(std::string_view text, const std::string& path,
                             const CommandInfo& info, const FlagSet& flags);

// Lays `stronger` over `weaker`.
Settings overlay(Settings weaker, const Settings& stronger);

// Stores the settings through their flags; the first that is wrong is the error.
Status store(const FlagSet& flags, const Settings& settings);

// A layer of a command's own, over the file and below the environment. Is given what all others
// say.
using OwnLayer = std::function<Result<Settings>(const Settings& others)>;

// All of the above, with this process's environment and file system. With a value the process is
// done and exits with it: help was printed, or what is wrong was said.
std::optional<int> configure(const CommandInfo& info, const FlagSet& flags,
                             const std::vector<std::string>& arguments,
                             const OwnLayer& own_layer = {});

// The content of a file that `flag` names.
Result<std::string> read_file(const std::string& path, std::string_view flag);

// A variable of this process's environment.
std::optional<std::string> process_environment(const std::string& name);

// One sentence on stderr, for what stands between flags. Returns the exit code.
int usage_error(const CommandInfo& info, const Error& error);
int environment_error(const CommandInfo& info, const Error& error);

}  // namespace spillway::cli
