// One balancer: Redis, the fleet's state, the HTTP interface, and children if it is to have any.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <string>

#include "balancer/http_server.h"
#include "balancer/launcher.h"
#include "balancer/options.h"
#include "balancer/provision.h"
#include "balancer/reaper.h"
#include "balancer/registry.h"
#include "balancer/routes.h"
#include "base/log.h"
#include "base/random.h"
#include "redis/client.h"
#include "redis/subscriber.h"
#include "redis/url.h"

namespace spillway::balancer {

// Owned by a command, on the one thread of `io`; it may be destroyed once that has stopped running.
class Balancer {
 public:
  Balancer(boost::asio::io_context& io, const BalancerOptions& options, const redis::Url& url,
           Log& log);
  Balancer(const Balancer&) = delete;
  Balancer& operator=(const Balancer&) = delete;

  // Called once: it listens and knows the fleet, or why it cannot, as a sentence with the flag.
  using OnReady = std::function<void(const Status&)>;
  void start(OnReady on_ready);

  // No new connections, no more removals. Children are left alone.
  void stop();

  // http://127.0.0.1:3000. REQUIRES that it listens.
  std::string url() const;
  // Whether it had to take another port than it was told.
  bool moved() const { return options_.port != 0 && port_ != options_.port; }
  Launcher& launcher() { return launcher_; }

 private:
  void connected();
  void lost(const Error& error);
  void heard(std::string_view channel, std::string_view payload);
  void after_reading(const Fleet& fleet);
  RouteSources sources();
  RouteSources::Health health() const;
  void ready(const Status& status);

  const BalancerOptions options_;
  redis::Client client_;
  redis::Subscriber subscriber_;
  Registry registry_;
  Reaper reaper_;
  Provisioner provisioner_;
  Launcher launcher_;
  HttpServer http_;
  std::uint16_t port_ = 0;
  bool registry_started_ = false;
  bool read_once_ = false;
  OnReady on_ready_;  // empty once it was called
};

}  // namespace spillway::balancer
