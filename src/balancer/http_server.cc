#include "balancer/http_server.h"

#include <fmt/core.h>

#include <memory>
#include <utility>
#include <vector>

#include "balancer/http_connection.h"
#include "base/clock.h"

namespace spillway::balancer {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kTick{500};

Status open(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  error_code problem;
  acceptor.open(endpoint.protocol(), problem);
  if (!problem) acceptor.set_option(tcp::acceptor::reuse_address(true), problem);
  if (!problem) acceptor.bind(endpoint, problem);
  if (!problem) acceptor.listen(asio::socket_base::max_listen_connections, problem);
  if (!problem) return ok();
  error_code ignored;
  acceptor.close(ignored);
  return Error{problem == asio::error::address_in_use ? std::string() : problem.message()};
}

// Closing takes connections out of the set, and may end others through their handlers: a copy that
// keeps them is gone through instead.
std::vector<std::shared_ptr<HttpConnection>> all(const HttpCommon& common) {
  std::vector<std::shared_ptr<HttpConnection>> connections;
  connections.reserve(common.open.size());
  for (HttpConnection* const connection : common.open) {
    connections.push_back(connection->shared_from_this());
  }
  return connections;
}

}  // namespace

HttpServer::HttpServer(asio::io_context& io, Handler handler, Log& log, HttpLimits limits)
    : log_(log), acceptor_(io), retry_(io), ticker_(io) {
  common_.handler = std::move(handler);
  common_.limits = limits;
}

HttpServer::~HttpServer() {
  for (const auto& connection : all(common_)) connection->close();
}

Result<std::uint16_t> HttpServer::listen(const std::string& host, std::uint16_t port) {
  constexpr unsigned kPortsTried = 100;
  error_code problem;
  const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, problem);
  if (problem) {
    return Error{fmt::format("--host: '{}' is not an address; give one such as 127.0.0.1", host)};
  }
  for (unsigned next = port; next <= 65'535U && next <= port + kPortsTried; ++next) {
    const Status status = open(acceptor_, {address, static_cast<std::uint16_t>(next)});
    if (status) {
      accept();
      tick();
      return acceptor_.local_endpoint().port();
    }
    if (!status.error().message.empty()) {
      return Error{fmt::format("--port: cannot listen on {} port {} ({}); choose another", host,
                               next, status.error().message)};
    }
  }
  return Error{fmt::format("--port: {} and the {} after it are taken; choose another, or 0", port,
                           kPortsTried)};
}

void HttpServer::stop() {
  common_.stopping = true;
  error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel();
  for (const auto& connection : all(common_)) connection->stop();
  if (common_.open.empty()) ticker_.cancel();
}

void HttpServer::accept() {
  acceptor_.async_accept([this](const error_code& problem, tcp::socket socket) {
    if (problem == asio::error::operation_aborted || common_.stopping) return;
    if (problem) return accept_failed(problem.message());
    accept_fails_ = false;
    accepted(std::move(socket));
    accept();
  });
}

void HttpServer::accept_failed(const std::string& why) {
  if (!std::exchange(accept_fails_, true)) {
    log_.warn("accepting paused", {{"error", why},
                                   {"resumes", "when a connection ends"},
                                   {"mend", "raise the descriptor limit (ulimit -n)"}});
  }
  retry_.expires_after(std::chrono::milliseconds(100));
  retry_.async_wait([this](const error_code& cancelled) {
    if (!cancelled) accept();
  });
}

void HttpServer::accepted(tcp::socket socket) {
  if (common_.open.size() >= common_.limits.connections_max && !make_room()) {
    ++common_.counts.turned_away;
    return;
  }
  ++common_.counts.accepted;
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  std::make_shared<HttpConnection>(common_, std::move(socket))->start();
}

// Who holds connections open and asks nothing must not keep others out. One that came just now is
// about to ask.
bool HttpServer::make_room() {
  HttpConnection* idlest = nullptr;
  for (HttpConnection* const connection : common_.open) {
    if (!connection->idle()) continue;
    if (idlest == nullptr || connection->idle_since() < idlest->idle_since()) idlest = connection;
  }
  if (idlest == nullptr || Clock::now() - idlest->idle_since() < std::chrono::seconds(1)) {
    return false;
  }
  idlest->shared_from_this()->close();
  return true;
}

void HttpServer::tick() {
  ticker_.expires_after(kTick);
  ticker_.async_wait([this](const error_code& cancelled) {
    if (cancelled) return;
    close_overdue();
    if (!common_.stopping || !common_.open.empty()) tick();
  });
}

void HttpServer::close_overdue() {
  const TimePoint now = Clock::now();
  std::vector<std::shared_ptr<HttpConnection>> overdue;
  for (HttpConnection* const connection : common_.open) {
    if (connection->overdue(now)) overdue.push_back(connection->shared_from_this());
  }
  for (const auto& connection : overdue) connection->expire();
}

}  // namespace spillway::balancer
