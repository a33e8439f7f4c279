// HTTP on the balancer's loop: who may connect, for how long. What is answered is routes.h.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_set>

#include "balancer/http_exchange.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"

namespace spillway::balancer {

struct HttpLimits {
  std::size_t connections_max = 1024;
  std::size_t streams_max = 512;                     // of those: listeners must not keep others out
  Duration idle_timeout = std::chrono::seconds(60);  // between requests
  Duration request_timeout = std::chrono::seconds(10);  // for the whole of one to arrive
  Duration answer_timeout = std::chrono::seconds(60);   // for the handler
  Duration write_timeout = std::chrono::seconds(30);    // for the peer to take an answer
  Duration event_timeout = std::chrono::seconds(10);    // for the peer to take an event
};

// For /metrics; counters but for the first two.
struct HttpCounts {
  std::size_t connections = 0;
  std::size_t streams = 0;            // of those
  std::uint64_t accepted = 0;         // connections
  std::uint64_t turned_away = 0;      // connections beyond what may be
  std::uint64_t timed_out = 0;        // connections closed for being slow; idle ones not
  std::uint64_t streams_dropped = 0;  // listeners that did not take what they were sent
  std::array<std::uint64_t, 6> answers_by_class{};  // [2]: how many 2xx; [0] and [1] stay 0
};

// What a server's connections have in common. Owned by the server, which closes them before it
// goes.
struct HttpCommon {
  std::function<void(Exchange)> handler;
  HttpLimits limits;
  HttpCounts counts{};
  bool stopping = false;
  std::unordered_set<HttpConnection*> open;
};

// Owned by the Balancer, on its loop; destroyed once that runs no more. Bounded by HttpLimits,
// whose times are kept to half a second; what a connection may cost is in http_connection.h. One
// connection too many ends the one that has been idle for longest, or, where none has been for a
// second, is accepted and closed, so that it does not wait in vain.
class HttpServer {
 public:
  // Runs on the loop and does not wait.
  using Handler = std::function<void(Exchange)>;

  HttpServer(boost::asio::io_context& io, Handler handler, Log& log, HttpLimits limits = {});
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Binds to `port`, or to the next free one of the 100 after it; 0: any. Returns the one it is.
  Result<std::uint16_t> listen(const std::string& host, std::uint16_t port);

  // No new connections; those there end with their answer, and streams at once.
  void stop();

  const HttpCounts& counts() const { return common_.counts; }

 private:
  void accept();
  void accepted(boost::asio::ip::tcp::socket socket);
  void accept_failed(const std::string& why);
  bool make_room();
  void tick();
  void close_overdue();

  Log& log_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer retry_;  // after an accept that failed, such as for want of descriptors
  boost::asio::steady_timer ticker_;  // one for all connections' deadlines
  bool accept_fails_ = false;         // so that a lasting failure is logged once
  HttpCommon common_;
};

}  // namespace spillway::balancer
