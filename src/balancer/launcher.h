// Starts chat servers as children of this process.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "balancer/child_process.h"
#include "base/log.h"
#include "protocol/redis_names.h"
#include "redis/subscriber.h"

namespace spillway::balancer {

struct LauncherOptions {
  std::string redis_prefix;
  // Every flag of the server but --id; nothing of it comes from the environment.
  std::vector<std::string> server_arguments;
  bool dies_with_us = false;  // `up`; the balancer's children outlive it
  std::chrono::milliseconds start_timeout{5000};
};

struct Launched {
  std::string id;
  std::string url;
};

// Owned by the Balancer, on its loop. Bounded by the children its owner asks for. A child counts as
// started when it publishes its URL on `server:<uuid>`, to which we listen before it is forked.
class Launcher {
 public:
  using OnStarted = std::function<void(const Result<Launched>&)>;  // once
  // A child that had started is gone; not called for one that failed to start.
  using OnExit = std::function<void(const std::string& id, const ChildExit&)>;

  Launcher(boost::asio::io_context& io, redis::Subscriber& subscriber, LauncherOptions options,
           Log& log);
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  // Just before the fork, when everything else is ready: whether it is still wanted. It must call
  // `go` once; an error ends the launch with it.
  using Go = std::function<void(const Status&)>;
  using BeforeFork = std::function<void(const std::string& id, Go go)>;

  void launch(BeforeFork before_fork, OnStarted on_started, OnExit on_exit);

  // The child's exit is told by its OnExit. Unknown ids are ignored.
  void stop(const std::string& id, std::chrono::milliseconds patience,
            std::chrono::milliseconds last_resort);
  // Those not yet started too.
  void stop_all(std::chrono::milliseconds patience, std::chrono::milliseconds last_resort);
  std::size_t children() const { return children_.size(); }
  bool has(const std::string& id) const;

  // What the subscriber hears; its owner passes it on.
  void on_subscribed(std::string_view channel);
  // A child that listens now, if that is what it meant; its OnStarted was called.
  std::optional<Launched> on_message(std::string_view channel, std::string_view payload);

 private:
  struct Child;
  using Children = std::map<std::string, std::unique_ptr<Child>, std::less<>>;  // by channel

  void fork_child(Child& child);
  void exited(const std::string& channel, const ChildExit& exit);
  void fail(const std::string& channel, const std::string& why);

  boost::asio::io_context& io_;
  redis::Subscriber& subscriber_;
  const LauncherOptions options_;
  const protocol::RedisNames names_;
  Log& log_;
  Children children_;
};

}  // namespace spillway::balancer
