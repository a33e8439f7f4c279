#include "cli/balancer_flags.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/up.h"

namespace spillway::cli {
namespace {

// Where `up` differs from the balancer alone: it is watched by a person, and has a Redis of its
// own.
UpOptions defaults() {
  UpOptions options;
  options.balancer.redis_url.clear();
  options.balancer.log_level = LogLevel::kWarn;
  options.servers.log_level = LogLevel::kWarn;
  return options;
}

}  // namespace

int run_up_command(const Arguments& arguments) {
  const CommandInfo info{"up",
                         "  spillway up\n"
                         "  spillway up --port 3000 --server-port 8080 --server-rate-limit off"};
  UpOptions options = defaults();
  const FlagSet flags = balancer_flags(options.balancer, options.servers);
  if (const auto exit_code = configure(info, flags, arguments)) return *exit_code;
  if (const Status status = complete_balancer_options(options.balancer, options.servers); !status) {
    return usage_error(info, status.error());
  }
  return Up(std::move(options)).run();
}

}  // namespace spillway::cli
