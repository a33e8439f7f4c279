#include <boost/asio/io_context.hpp>

#include "balancer/balancer.h"
#include "balancer/supervisor.h"
#include "cli/balancer_flags.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/output.h"
#include "cli/server_flags.h"
#include "cli/signals.h"

namespace spillway::cli {
namespace {

int run(const CommandInfo& info, const balancer::BalancerOptions& options, const redis::Url& url) {
  Log log(options.log_level);
  boost::asio::io_context io(1);
  balancer::Balancer balancer(io, options, url, log);
  balancer::Supervisor servers(
      io, balancer.launcher(), options.servers_min,
      {[&log](const balancer::Launched& launched) {
         log.info("server started", {{"id", launched.id}, {"url", launched.url}});
       },
       [&log](const std::string& why) {
         log.warn("server restarting", {{"why", why}});
       },
       [&log](const std::string& why) {
         log.error("server given up", {{"why", why}});
       }});
  int exit_code = 0;
  const StopSignals signals(io, [&io] { io.stop(); });
  balancer.start([&](const Status& status) {
    if (!status) {
      exit_code = environment_error(info, status.error());
      io.stop();
      return;
    }
    if (balancer.moved()) log.warn("port taken, listening on another", {{"url", balancer.url()}});
    print_line("listening " + balancer.url());
    servers.start();
  });
  io.run();
  balancer.stop();
  return exit_code;
}

}  // namespace

int run_balancer_command(const Arguments& arguments) {
  const CommandInfo info{"balancer",
                         "  spillway balancer --port 3000 --redis redis://127.0.0.1:6379"};
  balancer::BalancerOptions options;
  server::ServerOptions servers;
  const FlagSet flags = balancer_flags(options, servers);
  if (const auto exit_code = configure(info, flags, arguments)) return *exit_code;
  if (const Status status = complete_balancer_options(options, servers); !status) {
    return usage_error(info, status.error());
  }
  const auto url = redis::parse_url(options.redis_url);  // its flag has checked it
  options.server_arguments = server_arguments(servers, options.redis_url);
  return run(info, options, *url);
}

}  // namespace spillway::cli
