#include "server/echo.h"

#include "cli/commands.h"
#include "cli/config.h"

namespace spillway::cli {

int run_echo_command(const Arguments& arguments) {
  const CommandInfo info{"echo", "  spillway echo --port 9001"};
  server::EchoOptions options;
  LogLevel log_level = LogLevel::kInfo;
  FlagSet flags;
  flags.add(text_flag(options.host, {"host", "Address to listen on", "HOST"}));
  flags.add(port_flag(options.port, {"port", "0: any"}));
  flags.add(size_flag(options.message_bytes_max,
                      {"message-bytes-max", "Longest message; beyond: closed with 1009"},
                      {1, 1024UL * 1024 * 1024}));
  flags.add(log_level_flag(log_level));
  if (const auto exit_code = configure(info, flags, arguments)) return *exit_code;
  Log log(log_level);
  return server::run_echo(options, log);
}

}  // namespace spillway::cli
