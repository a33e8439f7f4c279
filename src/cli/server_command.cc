#include <utility>

#include "cli/commands.h"
#include "cli/config.h"
#include "cli/server_flags.h"
#include "server/server.h"

namespace spillway::cli {

int run_server_command(const Arguments& arguments) {
  const CommandInfo info{"server", "  spillway server --port 8080 --redis redis://127.0.0.1:6379"};
  server::ServerOptions options;
  const FlagSet flags = server_flags(options);
  if (const auto exit_code = configure(info, flags, arguments)) return *exit_code;
  if (const Status status = check_server_options(options); !status) {
    return usage_error(info, status.error());
  }
  Log log(options.log_level);
  return server::run_server(std::move(options), log);
}

}  // namespace spillway::cli
