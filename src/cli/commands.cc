#include "cli/commands.h"

#include <algorithm>

namespace spillway::cli {

const std::vector<Command>& commands() {
  static const std::vector<Command> kAll{
      {"up", "The whole system on this machine: Redis, balancer, chat server.", run_up_command},
      {"server", "One chat server.", run_server_command},
      {"balancer", "The balancer alone: tells viewers which server to use.", run_balancer_command},
      {"load", "The load harness: many viewers, every delivery checked.", run_load_command},
      {"plan", "What a number of users in rooms needs: servers, Redis, bandwidth, memory.",
       run_plan_command},
      {"chat", "A viewer in the terminal: prints what is said, sends what is typed.",
       run_chat_command},
      {"echo", "A WebSocket endpoint that echoes, for conformance suites.", run_echo_command},
  };
  return kAll;
}

const Command* find_command(const std::string& name) {
  const auto& all = commands();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&name](const Command& command) { return command.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace spillway::cli
