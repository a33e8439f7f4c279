// The binary: finds the command and hands over.
#include <fmt/core.h>
#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <exception>

#include "cli/commands.h"
#include "cli/config.h"
#include "cli/version.h"

namespace spillway::cli {
namespace {

std::string help() {
  std::string text =
      "spillway: livestream chat, self-hosted\n\n"
      "Usage: spillway COMMAND [--flag value ...]\n\n"
      "Commands:\n";
  for (const Command& command : commands()) {
    text += fmt::format("  {:<10} {}\n", command.name, command.summary);
  }
  return text +
         "\n"
         "  spillway COMMAND --help   the flags of a command, their defaults and an example\n"
         "  spillway --version        version and commit\n\n"
         "Every flag can also be set as SPILLWAY_<FLAG> in the environment, or in the table of\n"
         "the command in a TOML file given with --config.\n\n"
         "Example:\n"
         "  spillway up\n"
         "  echo hi | spillway chat --room lobby\n";
}

int run(const Arguments& arguments) {
  const std::string first = arguments.empty() ? "--help" : arguments.front();
  if (first == "--help" || first == "-h") {
    fmt::print("{}", help());
    return 0;
  }
  if (first == "--version") {
    fmt::print("{}\n", version_line());
    return 0;
  }
  const Command* const command = find_command(first);
  if (command == nullptr) {
    fmt::print(stderr, "spillway: there is no command '{}'; `spillway --help` lists them\n", first);
    return kExitUsage;
  }
  return command->run(Arguments(arguments.begin() + 1, arguments.end()));
}

}  // namespace
}  // namespace spillway::cli

int main(int argc, char** argv) {
  // A child of ours was started as /proc/self/exe and would be listed as `exe`.
  ::prctl(PR_SET_NAME, "spillway");
  // A peer that is gone is an error of the write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return spillway::cli::run(spillway::cli::Arguments(argv + (argc > 0 ? 1 : 0), argv + argc));
  } catch (const std::exception& problem) {
    fmt::print(stderr, "spillway: {}\n", problem.what());
    return spillway::cli::kExitEnvironment;
  }
}
