// Channels of Redis over a connection of their own that comes back by itself.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/log.h"
#include "redis/client.h"

namespace spillway::redis {

// Owned by whoever listens; thread and callback rules are those of Client. Callbacks may call
// subscribe(), unsubscribe() and stop(). The limits of `options` on commands do not matter here.
class Subscriber {
 public:
  // Everything published to the channel from now on comes. Again after every reconnect, for each
  // channel: what was published in between is missing.
  using OnSubscribed = std::function<void(std::string_view channel)>;
  // Both views end with the call.
  using OnMessage = std::function<void(std::string_view channel, std::string_view payload)>;
  using OnConnected = Client::OnConnected;
  using OnLost = Client::OnLost;  // once for each loss and each failed attempt, as in Client

  Subscriber(boost::asio::io_context& io, ClientOptions options, Log& log);
  ~Subscriber();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  void start(OnSubscribed on_subscribed, OnMessage on_message, OnConnected on_connected,
             OnLost on_lost);  // once

  // Idempotent, connected or not. A channel that is wanted again after unsubscribe() is confirmed
  // again, and has no messages before that.
  void subscribe(std::string channel);
  void unsubscribe(std::string_view channel);

  // `on_passed`, once: everything published before this call to a channel that is confirmed has
  // come. Not if the connection is lost or Redis is busy; another call replaces this one.
  void probe(std::function<void()> on_passed);

  void reconnect(const Error& why);  // as in Client
  void stop();                       // no callback runs afterwards

  bool connected() const;
  std::size_t channels() const;

 private:
  class Driver;
  std::unique_ptr<Driver> driver_;
};

}  // namespace spillway::redis
