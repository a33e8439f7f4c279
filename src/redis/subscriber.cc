#include "redis/subscriber.h"

#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "base/overloaded.h"
#include "redis/connection.h"
#include "redis/subscriptions.h"

namespace spillway::redis {

// Subscriptions on a Connection.
class Subscriber::Driver final : private ConnectionUser {
 public:
  Driver(boost::asio::io_context& io, ClientOptions options, Log& log)
      : connection_(io, std::move(options), log, *this) {}

  void start(OnSubscribed on_subscribed, OnMessage on_message, OnConnected on_connected,
             OnLost on_lost) {
    CHECK(!started_);
    started_ = true;
    on_subscribed_ = std::move(on_subscribed);
    on_message_ = std::move(on_message);
    on_connected_ = std::move(on_connected);
    on_lost_ = std::move(on_lost);
    connection_.start();
  }

  void subscribe(std::string channel) {
    subscriptions_.subscribe(std::move(channel));
    connection_.wake();
  }

  void unsubscribe(std::string_view channel) {
    subscriptions_.unsubscribe(channel);
    connection_.wake();
  }

  void probe(std::function<void()> on_passed) {
    on_passed_ = std::move(on_passed);
    subscriptions_.probe();
    connection_.wake();
  }

  void reconnect(const Error& why) { connection_.reconnect(why); }
  void stop() { connection_.stop(); }
  bool connected() const { return connection_.connected(); }
  std::size_t channels() const { return subscriptions_.size(); }

 private:
  void on_connected(const Connected& connected) override {
    subscriptions_.connected(Clock::now());
    on_connected_(connected);
  }

  void on_lost(const Error& error) override {
    subscriptions_.lost();
    on_passed_ = {};
    on_lost_(error);
  }

  Status on_reply(Reply reply) override {
    const auto event = subscriptions_.receive(reply, Clock::now());
    if (!event) return event.error();
    std::visit(overloaded{[](const Subscriptions::Nothing&) {},
                          [&](const Subscriptions::Subscribed& subscribed) {
                            on_subscribed_(subscribed.channel);
                          },
                          [&](const Subscriptions::Message& message) {
                            on_message_(message.channel, message.payload);
                          },
                          [&](const Subscriptions::Passed&) {
                            if (const auto on_passed = std::exchange(on_passed_, {})) on_passed();
                          }},
               *event);
    return ok();
  }

  void take(std::string& out) override { subscriptions_.take(out); }
  TimePoint next_deadline() const override { return subscriptions_.next_deadline(); }
  Status on_deadline(TimePoint now) override { return subscriptions_.tick(now); }

  OnSubscribed on_subscribed_;
  OnMessage on_message_;
  OnConnected on_connected_;
  OnLost on_lost_;
  std::function<void()> on_passed_;  // while somebody waits
  bool started_ = false;
  Subscriptions subscriptions_;
  Connection connection_;
};

Subscriber::Subscriber(boost::asio::io_context& io, ClientOptions options, Log& log)
    : driver_(std::make_unique<Driver>(io, std::move(options), log)) {}
Subscriber::~Subscriber() = default;

void Subscriber::start(OnSubscribed on_subscribed, OnMessage on_message, OnConnected on_connected,
                       OnLost on_lost) {
  driver_->start(std::move(on_subscribed), std::move(on_message), std::move(on_connected),
                 std::move(on_lost));
}

void Subscriber::subscribe(std::string channel) { driver_->subscribe(std::move(channel)); }
void Subscriber::unsubscribe(std::string_view channel) { driver_->unsubscribe(channel); }
void Subscriber::probe(std::function<void()> on_passed) { driver_->probe(std::move(on_passed)); }
void Subscriber::reconnect(const Error& why) { driver_->reconnect(why); }
void Subscriber::stop() { driver_->stop(); }
bool Subscriber::connected() const { return driver_->connected(); }
std::size_t Subscriber::channels() const { return driver_->channels(); }

}  // namespace spillway::redis
