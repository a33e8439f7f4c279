// The flags that `spillway balancer` and `spillway up` share.
#pragma once

#include "balancer/options.h"
#include "cli/config.h"
#include "cli/flags.h"
#include "server/options.h"

namespace spillway::cli {

// Where the commands differ: `up` has a Redis of its own unless told otherwise.
FlagSet balancer_flags(balancer::BalancerOptions& options, server::ServerOptions& servers);

// After configure(): what the children are told, and what no flag can see alone.
Status complete_balancer_options(balancer::BalancerOptions& options,
                                 server::ServerOptions& servers);

// The arguments of a child: every flag, so that nothing depends on its environment.
std::vector<std::string> server_arguments(server::ServerOptions servers,
                                          const std::string& redis_url);

}  // namespace spillway::cli
