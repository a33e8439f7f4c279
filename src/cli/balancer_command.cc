#include <boost/asio/io_context.hpp>
#include <chrono>

#include "balancer/balancer.h"
#include "cli/balancer_flags.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/output.h"
#include "cli/server_flags.h"
#include "cli/signals.h"

namespace spillway::cli {
namespace {

using std::chrono::seconds;

// A server's own stop takes 25 s at most.
constexpr seconds kDrainPatience{27};
constexpr seconds kLastResort{3};

// The command from its start to the last of its children.
class Run {
 public:
  Run(const CommandInfo& info, const balancer::BalancerOptions& options, const redis::Url& url)
      : info_(info),
        options_(options),
        log_(options.log_level),
        balancer_(io_, options, url,
                  {[this](const balancer::Launched& launched) {
                     log_.info("server started", {{"id", launched.id}, {"url", launched.url}});
                   },
                   [](const std::string&, unsigned) {}},
                  log_),
        signals_(io_, [this] { stop(); }) {}

  int run() {
    balancer_.start([this](const Status& status) { ready(status); });
    io_.run();
    balancer_.stop();
    return exit_code_;
  }

 private:
  void ready(const Status& status) {
    if (!status) {
      exit_code_ = environment_error(info_, status.error());
      io_.stop();
      return;
    }
    if (balancer_.moved()) {
      log_.warn("port taken, listening on another", {{"url", balancer_.url()}});
    }
    print_line("listening " + balancer_.url());
  }

  // While they drain it answers, so that viewers who are told to leave find the servers of others.
  // A second signal does not wait for the drain.
  void stop() {
    const bool again = std::exchange(stopping_, true);
    if (options_.servers_at_exit == balancer::AtExit::kKeep) {
      return again ? io_.stop() : balancer_.resign([this] { io_.stop(); });
    }
    log_.info("stopping", {{"drain_s_max", again ? 0 : kDrainPatience.count()}});
    balancer_.stop_children(again ? seconds(0) : kDrainPatience, kLastResort,
                            [this] { io_.stop(); });
  }

  const CommandInfo& info_;
  const balancer::BalancerOptions& options_;
  Log log_;
  boost::asio::io_context io_{1};
  balancer::Balancer balancer_;
  StopSignals signals_;
  bool stopping_ = false;
  int exit_code_ = 0;
};

}  // namespace

int run_balancer_command(const Arguments& arguments) {
  const CommandInfo info{"balancer",
                         "  spillway balancer --port 3000 --redis redis://127.0.0.1:6379\n"
                         "  spillway balancer --host 0.0.0.0 --admin-token secret "
                         "--servers-min 2 --servers-max 8"};
  balancer::BalancerOptions options;
  server::ServerOptions servers;
  const FlagSet flags = balancer_flags(options, servers);
  if (const auto exit_code = configure(info, flags, arguments)) return *exit_code;
  if (const Status status = complete_balancer_options(options, servers); !status) {
    return usage_error(info, status.error());
  }
  const auto url = redis::parse_url(options.redis_url);  // its flag has checked it
  options.server_arguments = server_arguments(servers, options.redis_url);
  return Run(info, options, *url).run();
}

}  // namespace spillway::cli
