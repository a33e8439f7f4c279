// Commands to Redis over one pipelined connection that comes back by itself.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "redis/command.h"
#include "redis/pipeline.h"
#include "redis/url.h"

namespace spillway::redis {

// The Redis process at the other end.
struct Connected {
  std::string run_id;   // changes when Redis is restarted
  std::string version;  // such as 7.0.15
};

struct ClientOptions {
  Url url;
  std::chrono::milliseconds command_timeout{5000};
  std::chrono::milliseconds connect_timeout{2000};  // from the name to the last setup answer
  std::size_t queue_bytes_max = 16 * 1024 * 1024;   // of commands without an answer
  std::string client_name;                          // shown by CLIENT LIST and in our log
};

// Owned by whoever asks Redis; it lives on the thread of its io_context, and every call must come
// from there (or before it runs). All callbacks run on that thread and never from inside a call of
// Client; they may call send() and stop(), but must not destroy the Client. It may be destroyed at
// any other time. Bounded by `queue_bytes_max`; while the connection is away nothing is queued.
//
// A command that misses its deadline takes the connection with it, since the replies could no
// longer be matched: everything in flight is then kUnknown. Reconnects have full jitter, from 50 ms
// to at most 2 s, so that all is well within 5 s of Redis coming back. Behind Sentinels an attempt
// begins with asking them for the master; who turns out to be none (by READONLY too, or since they
// name another) is given up.
class Client {
 public:
  enum class Sent {
    kQueued,  // on_answer will be called, unless stop() comes first
    kFull,    // `queue_bytes_max`: nothing was taken
    kAway,    // no connection now: nothing was taken
  };
  using OnConnected = std::function<void(const Connected&)>;
  using OnLost = std::function<void(const Error&)>;

  Client(boost::asio::io_context& io, ClientOptions options, Log& log);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Once. `on_lost` comes once for each loss and for each failed attempt, in particular the first,
  // after the answers of all commands that were lost with it.
  void start(OnConnected on_connected, OnLost on_lost);

  // All commands sent within one turn of the loop go in one write. `timeout`: instead of
  // `command_timeout`.
  [[nodiscard]] Sent send(const Command& command, OnAnswer on_answer,
                          std::optional<std::chrono::milliseconds> timeout = {});

  // Gives the present connection up: `on_lost` comes, from the loop, and then another attempt.
  void reconnect(const Error& why);

  // Closes the connection. No callback runs afterwards: what is unanswered stays so.
  void stop();

  bool connected() const;
  std::size_t queued_bytes() const;  // of commands without an answer

 private:
  class Driver;
  std::unique_ptr<Driver> driver_;
};

}  // namespace spillway::redis
