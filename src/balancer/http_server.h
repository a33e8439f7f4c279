// HTTP on the balancer's loop: connections, limits, timeouts. What is answered is routes.h.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/log.h"
#include "base/result.h"

namespace spillway::balancer {

using Request = boost::beast::http::request<boost::beast::http::string_body>;
using Response = boost::beast::http::response<boost::beast::http::string_body>;

// Owned by the Balancer, on its loop. A connection is owned by its operation in flight, of which
// there is always exactly one, so it ends where nobody waits for it any more. Bounded:
// kConnectionsMax, each with kHeadBytesMax, kBodyBytesMax and kTimeout an operation; a connection
// beyond the number is accepted and closed, so that it does not wait in vain.
class HttpServer {
 public:
  static constexpr std::size_t kConnectionsMax = 1024;
  static constexpr std::size_t kHeadBytesMax = 16 * 1024;
  static constexpr std::size_t kBodyBytesMax = 64 * 1024;
  static constexpr std::chrono::seconds kTimeout{30};

  // Runs on the loop and does not wait.
  using Handler = std::function<Response(const Request&)>;

  HttpServer(boost::asio::io_context& io, Handler handler, Log& log);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Binds to `port`, or to the next free one of the 100 after it; 0: any. Returns the one it is.
  Result<std::uint16_t> listen(const std::string& host, std::uint16_t port);

  // No new connections; those there end with their answer.
  void stop();

 private:
  class Connection;

  void accept();

  Handler handler_;
  Log& log_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer retry_;  // after an accept that failed, such as for want of descriptors
  std::size_t connections_ = 0;
  bool stopping_ = false;
};

}  // namespace spillway::balancer
