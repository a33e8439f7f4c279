// The commands of the binary, one file each.
#pragma once

#include <string>
#include <vector>

namespace spillway::cli {

using Arguments = std::vector<std::string>;  // what follows the command's name

// Each returns the exit code of the process.
int run_up_command(const Arguments& arguments);
int run_server_command(const Arguments& arguments);
int run_balancer_command(const Arguments& arguments);
int run_load_command(const Arguments& arguments);
int run_plan_command(const Arguments& arguments);
int run_chat_command(const Arguments& arguments);
int run_echo_command(const Arguments& arguments);

// A command as the dispatcher, the list in the help and the config file know it.
struct Command {
  std::string name;
  std::string summary;  // one sentence
  int (*run)(const Arguments&);
};
const std::vector<Command>& commands();

// Nullptr: there is no such command.
const Command* find_command(const std::string& name);

}  // namespace spillway::cli
