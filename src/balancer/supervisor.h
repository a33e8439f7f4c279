// Keeps a number of chat servers up.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "balancer/healing.h"
#include "balancer/launcher.h"
#include "base/log.h"

namespace spillway::balancer {

// Owned by a command, on the balancer's loop; the launcher must outlive it. Bounded by `servers`.
class Supervisor {
 public:
  struct Events {
    std::function<void(const Launched&)> on_started;            // again after each restart
    std::function<void(const std::string& why)> on_restarting;  // one ended and will come back
    std::function<void(const std::string& why)> on_given_up;    // one will not
  };

  Supervisor(boost::asio::io_context& io, Launcher& launcher, std::size_t servers, Events events);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  void start();

  // Orders all to stop and starts none again. `on_gone` comes once, when the last has ended.
  void stop(std::chrono::milliseconds patience, std::chrono::milliseconds last_resort,
            std::function<void()> on_gone);

 private:
  struct Place;  // of one server

  void launch(Place& place);
  void ended(Place& place, Duration lived, const std::string& why);

  boost::asio::io_context& io_;
  Launcher& launcher_;
  const Events events_;
  std::vector<std::unique_ptr<Place>> places_;
  bool stopping_ = false;
  std::function<void()> on_gone_;
};

}  // namespace spillway::balancer
