// A server's three connections to Redis: commands, the reading of logs (so that a megabyte of
// history does not hold up a publish), and subscriptions.
//
// Owned by the hub, on loop 0.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/result.h"
#include "redis/client.h"
#include "redis/subscriber.h"

namespace spillway::server {

class RedisLink {
 public:
  struct Events {
    // All three are there, for the first time or again, and with the same Redis process.
    std::function<void()> on_ready;
    // One of them was lost, or did not come up. Once for each.
    std::function<void(const Error&)> on_lost;
    std::function<void()> on_subscriber_lost;
    std::function<void(std::string_view channel)> on_subscribed;
    std::function<void(std::string_view channel, std::string_view payload)> on_message;
  };

  RedisLink(boost::asio::io_context& context, const redis::Url& url, const std::string& server_id,
            Log& log);

  void start(Events events);
  void stop();

  bool ready() const { return ready_; }
  const std::string& run_id() const { return run_id_; }
  redis::Client& commands() { return commands_; }
  redis::Client& reader() { return reader_; }
  redis::Subscriber& subscriber() { return subscriber_; }

 private:
  void connected(std::string& run_id, const redis::Connected& redis);
  void lost(const Error& error);
  void check_policy();

  Log& log_;
  redis::Client commands_;
  redis::Client reader_;
  redis::Subscriber subscriber_;
  Events events_;
  std::string run_id_;  // of the Redis that takes the commands
  std::string reader_run_id_;
  std::string subscriber_run_id_;
  bool ready_ = false;
};

}  // namespace spillway::server
