#include "redis/client.h"

#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "redis/connection.h"
#include "redis/mend.h"

namespace spillway::redis {

// The Pipeline on a Connection.
class Client::Driver final : private ConnectionUser {
 public:
  Driver(boost::asio::io_context& io, ClientOptions options, Log& log)
      : command_timeout_(options.command_timeout),
        wants_master_(options.url.kind == Url::Kind::kSentinel),
        pipeline_(options.queue_bytes_max),
        connection_(io, std::move(options), log, *this) {}

  void start(OnConnected on_connected, OnLost on_lost) {
    CHECK(!started_);
    started_ = true;
    on_connected_ = std::move(on_connected);
    on_lost_ = std::move(on_lost);
    connection_.start();
  }

  Sent send(const Command& command, OnAnswer on_answer,
            std::optional<std::chrono::milliseconds> timeout) {
    if (!connection_.connected()) return Sent::kAway;
    const TimePoint deadline = Clock::now() + timeout.value_or(command_timeout_);
    if (!pipeline_.push(command, std::move(on_answer), deadline)) return Sent::kFull;
    connection_.wake();
    return Sent::kQueued;
  }

  void stop() {
    stopped_ = true;
    connection_.stop();
    pipeline_.lose();
  }

  void reconnect(const Error& why) { connection_.reconnect(why); }
  bool connected() const { return connection_.connected(); }
  std::size_t queued_bytes() const { return pipeline_.bytes(); }

 private:
  void on_connected(const Connected& connected) override { on_connected_(connected); }

  void on_lost(const Error& error) override {
    for (Pipeline::Lost& lost : pipeline_.lose()) {
      if (stopped_) return;  // by the answer before
      lost.on_answer({lost.fate, Reply()});
    }
    if (!stopped_) on_lost_(error);
  }

  Status on_reply(Reply reply) override {
    const auto on_answer = pipeline_.match();
    if (!on_answer) return Error{"it answered what nobody asked"};
    const bool demoted = wants_master_ && is_readonly(reply.error_text());
    (*on_answer)({Fate::kAnswered, std::move(reply)});
    if (demoted) return Error{"it is a replica now"};
    return ok();
  }

  void take(std::string& out) override { pipeline_.take(out); }
  TimePoint next_deadline() const override { return pipeline_.next_deadline(); }

  Status on_deadline(TimePoint now) override {
    if (!pipeline_.expired(now)) return ok();
    return Error{"a command was not answered in time"};
  }

  const std::chrono::milliseconds command_timeout_;
  const bool wants_master_;
  OnConnected on_connected_;
  OnLost on_lost_;
  bool started_ = false;
  bool stopped_ = false;
  Pipeline pipeline_;
  Connection connection_;
};

Client::Client(boost::asio::io_context& io, ClientOptions options, Log& log)
    : driver_(std::make_unique<Driver>(io, std::move(options), log)) {}
Client::~Client() = default;

void Client::start(OnConnected on_connected, OnLost on_lost) {
  driver_->start(std::move(on_connected), std::move(on_lost));
}

Client::Sent Client::send(const Command& command, OnAnswer on_answer,
                          std::optional<std::chrono::milliseconds> timeout) {
  return driver_->send(command, std::move(on_answer), timeout);
}

void Client::reconnect(const Error& why) { driver_->reconnect(why); }
void Client::stop() { driver_->stop(); }
bool Client::connected() const { return driver_->connected(); }
std::size_t Client::queued_bytes() const { return driver_->queued_bytes(); }

}  // namespace spillway::redis
