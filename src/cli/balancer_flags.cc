#include "cli/balancer_flags.h"

#include "cli/server_flags.h"

namespace spillway::cli {

FlagSet balancer_flags(balancer::BalancerOptions& options, server::ServerOptions& servers) {
  FlagSet flags;
  flags.add(text_flag(options.host, {"host", "Address to listen on", "HOST"}));
  flags.add(port_flag(options.port, {"port", "Taken: the next free one; 0: any"}));
  flags.add(redis_flag(options.redis_url));
  flags.add(redis_prefix_flag(options.redis_prefix));
  flags.add(count_flag(options.servers_min, {"servers-min", "Chat servers to start and keep up"},
                       Bounds<std::uint32_t>{0, 64}));
  flags.add(log_level_flag(options.log_level));
  // The balancer names its servers, and they use its Redis.
  flags.add_prefixed(server_flags(servers), "server-", {"id", "redis", "redis-prefix"});
  return flags;
}

Status complete_balancer_options(balancer::BalancerOptions& options,
                                 server::ServerOptions& servers) {
  servers.redis_prefix = options.redis_prefix;
  return check_server_options(servers, "--server-");
}

std::vector<std::string> server_arguments(server::ServerOptions servers,
                                          const std::string& redis_url) {
  servers.redis_url = redis_url;
  return server_flags(servers).as_arguments();
}

}  // namespace spillway::cli
