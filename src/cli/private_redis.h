// A Redis of our own on a Unix socket, in a directory that goes with it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "balancer/child_process.h"
#include "base/clock.h"
#include "base/result.h"

namespace spillway::cli {

// Owned by `spillway up`, on its loop. Nothing of it is on disk but its log, in the directory.
class PrivateRedis {
 public:
  using OnReady = std::function<void(const Status&)>;           // once
  using OnCrash = std::function<void(const std::string& why)>;  // once it was ready, if unasked

  explicit PrivateRedis(boost::asio::io_context& io) : io_(io), poll_(io) {}
  ~PrivateRedis() { remove_directory(); }
  PrivateRedis(const PrivateRedis&) = delete;
  PrivateRedis& operator=(const PrivateRedis&) = delete;

  void start(OnReady on_ready, OnCrash on_crash);

  // `on_gone` comes once it has ended and the directory is removed; also if it was never there.
  void stop(std::function<void()> on_gone);

  std::string url() const { return "unix://" + socket_path(); }
  const std::string& directory() const { return directory_; }

 private:
  static constexpr std::chrono::seconds kStartTimeout{5};

  Status make_directory();
  void remove_directory();
  void poll(TimePoint deadline);
  void exited(const balancer::ChildExit& exit);
  void ready(const Status& status);
  std::string why(const balancer::ChildExit& exit) const;
  std::string socket_path() const { return directory_ + "/redis.sock"; }
  std::string log_path() const { return directory_ + "/redis.log"; }

  boost::asio::io_context& io_;
  boost::asio::steady_timer poll_;
  std::string directory_;  // empty: none
  std::unique_ptr<balancer::ChildProcess> child_;
  OnReady on_ready_;  // empty once it was called
  OnCrash on_crash_;
  std::function<void()> on_gone_;  // set: it was told to stop
};

}  // namespace spillway::cli
