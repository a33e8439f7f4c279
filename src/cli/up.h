// `spillway up`: Redis, balancer and chat servers in order, and back.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>

#include "balancer/balancer.h"
#include "balancer/options.h"
#include "cli/private_redis.h"
#include "cli/signals.h"
#include "server/options.h"

namespace spillway::cli {

struct UpOptions {
  balancer::BalancerOptions balancer;  // an empty redis_url: a private Redis
  server::ServerOptions servers;
};

// Owned by the command; everything runs on the thread that calls run(), which is also the one
// whose end the kernel watches for the children. Lines on stdout, in this order and shape:
//
//   redis        unix:///tmp/spillway-AbCdEf/redis.sock (private)
//   balancer     http://127.0.0.1:3000
//   chat server  ws://127.0.0.1:8080  id=<uuid>          each that is started, also later
//   chat         spillway chat --room lobby --balancer http://127.0.0.1:3000
//   ready; Ctrl-C stops everything
//   stopping
//   stopped, nothing is left behind
class Up {
 public:
  explicit Up(UpOptions options);

  // Until a signal or a failure, and then until everything has ended. The exit code.
  int run();

 private:
  void start_redis();
  void start_balancer(const std::string& redis_url);
  void balancer_ready(const Status& status);
  void server_started(const balancer::Launched& launched);
  void server_died(const std::string& why, unsigned young_deaths);

  void fail(const std::string& why);
  void stop();
  void stop_balancer();

  UpOptions options_;
  Log log_;
  boost::asio::io_context io_{1};
  StopSignals signals_;
  PrivateRedis redis_;
  std::optional<balancer::Balancer> balancer_;
  std::uint32_t servers_awaited_ = 0;  // before "ready"
  bool stopping_ = false;
  std::string failure_;  // empty: none
};

}  // namespace spillway::cli
