// The connection under Client and Subscriber: it comes back by itself.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "redis/client.h"
#include "redis/greeting.h"
#include "redis/resp_reader.h"
#include "redis/sentinel_link.h"
#include "redis/stream.h"

namespace spillway::redis {

// How long to wait before the next attempt: full jitter, from 50 ms doubling to 2 s. `failures` in
// a row, `unit` in [0, 1).
Duration retry_delay(unsigned failures, double unit);

// The machine on top of a connection. It says what to write and gets what was read; what it decides
// is to give up, by an Error.
class ConnectionUser {
 public:
  virtual void on_connected(const Connected& connected) = 0;
  virtual void on_lost(const Error& error) = 0;  // a loss, or a failed attempt
  virtual Status on_reply(Reply reply) = 0;
  virtual void take(std::string& out) = 0;  // appends what is to be written now
  virtual TimePoint next_deadline() const = 0;
  virtual Status on_deadline(TimePoint now) = 0;

 protected:
  ~ConnectionUser() = default;
};

// Owned by a driver, which is its user, on its loop. One attempt after the other until stop(). The
// user may call wake() and stop() from its callbacks. Bounded by RespLimits and by what the user
// has to write.
class Connection {
 public:
  Connection(boost::asio::io_context& io, ClientOptions options, Log& log, ConnectionUser& user);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start() { attempt(); }
  void stop();
  bool connected() const { return connected_; }
  // Gives the present connection up, for a reason that the other end does not know. Not at once:
  // on_lost() comes from the loop.
  void reconnect(const Error& why);

  // There is something to take, or an earlier deadline. Writes at the end of this turn of the loop,
  // so that all that is said within the turn goes in one write.
  void wake();

 private:
  // What a handler holds weakly: one for each attempt. After the attempt, or after the Connection
  // itself, it has expired, so a handler that was already queued then does nothing. It is shared
  // because that is how a handler can see that it is gone; it holds no state.
  struct Token {};

  template <typename Body>
  auto guarded(Body body);

  void attempt();
  void on_master(const Result<HostPort>& named);
  void open(const Url& to);
  void on_open(const Status& status);
  void read();
  void on_bytes(const Result<std::string_view>& bytes);
  Status on_reply(Reply reply);
  Status on_greeting_reply(const Reply& reply);
  void flush();
  void arm();
  void on_timer();
  void give_up(const Error& error);
  std::string where() const { return "Redis at " + display(to_); }

  boost::asio::io_context& io_;
  const ClientOptions options_;
  Log& log_;
  ConnectionUser& user_;
  Random random_;
  std::optional<TlsTrust> trust_;            // kTls, from the first attempt on
  std::unique_ptr<SentinelLink> sentinels_;  // kSentinel

  std::shared_ptr<Token> token_;
  Url to_;                              // the Redis itself; behind Sentinels, of this attempt
  std::unique_ptr<Stream> stream_;      // of this attempt
  std::unique_ptr<RespReader> reader_;  // of this attempt
  std::optional<Greeting> greeting_;    // while it goes on
  std::string outgoing_;
  bool connected_ = false;
  bool writing_ = false;
  bool flush_posted_ = false;
  TimePoint connected_at_;
  TimePoint connect_deadline_;
  TimePoint armed_for_ = TimePoint::max();  // when `deadline_` fires
  unsigned failures_ = 0;                   // attempts in a row that came to nothing
  bool loss_logged_ = false;
  std::string refusal_logged_;  // of this outage: the last reason that was said
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer retry_;
};

}  // namespace spillway::redis
