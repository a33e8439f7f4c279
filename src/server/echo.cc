#include "server/echo.h"

#include <fmt/core.h>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdio>
#include <memory>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/fifo.h"
#include "net/connection.h"
#include "net/listener.h"
#include "net/loop.h"
#include "net/socket.h"
#include "websocket/deflate_offer.h"

namespace spillway::server {
namespace {

constexpr int kDeflateLevel = 1;
constexpr std::size_t kConnectionsMax = 10'000;
constexpr std::chrono::seconds kCloseTime{5};  // from our close frame to the peer's end

// A connection with its own compression, since every parameter of it is honoured here.
struct Session {
  Session(net::LoopShared& shared, net::ConnectionOwner& owner, UniqueFd fd, std::uint32_t tag,
          std::size_t outbox_bytes_max)
      : connection(shared, owner, std::move(fd), tag, outbox_bytes_max) {}

  net::Connection connection;
  std::unique_ptr<websocket::Inflater> inflater;
  std::unique_ptr<websocket::Deflater> deflater;
};

// One loop. A peer that does not read what it gets back is not read from (Connection pauses).
class EchoServer : public net::ConnectionOwner {
 public:
  EchoServer(net::Loop& loop, UniqueFd listening, const EchoOptions& options, Log& log)
      : options_(options),
        shared_(loop.context()),
        timer_(loop.context()),
        budget_(kConnectionsMax),
        listener_(loop.context(), std::move(listening), budget_, log,
                  [this](UniqueFd fd) { accept(std::move(fd)); }) {
    listener_.start();
  }

 private:
  void accept(UniqueFd fd) {
    const std::uint32_t tag = next_tag_++;
    // Two messages and their frames: the one being sent, and the next one.
    const std::size_t outbox_bytes_max = 2 * options_.message_bytes_max + 64 * 1024;
    auto session = std::make_unique<Session>(shared_, *this, std::move(fd), tag, outbox_bytes_max);
    session->connection.start();
    sessions_.emplace(tag, std::move(session));
  }

  bool admit(net::Connection& /*connection*/, std::size_t /*bytes*/,
             std::uint32_t /*frames*/) override {
    return true;
  }

  net::UpgradeAnswer on_upgrade(net::Connection& connection,
                                const websocket::UpgradeRequest& request) override {
    Session& session = *sessions_.at(connection.tag());
    net::Accepted accepted;
    accepted.deflate = websocket::negotiate(request.extensions, {});
    accepted.reader.message_bytes_max = options_.message_bytes_max;
    if (accepted.deflate) {
      const auto& params = *accepted.deflate;
      session.inflater = std::make_unique<websocket::Inflater>(params.client_max_window_bits,
                                                               !params.client_no_context_takeover);
      session.deflater = std::make_unique<websocket::Deflater>(
          kDeflateLevel, params.server_max_window_bits, !params.server_no_context_takeover);
      accepted.inflater = session.inflater.get();
    }
    return accepted;
  }

  std::string on_http(const websocket::HttpRequest& request) override {
    return websocket::http_response(426, "text/plain", "Connect with a WebSocket.\n",
                                    request.keep_alive);
  }

  void on_open(net::Connection& /*connection*/) override {}

  void on_message(net::Connection& connection, websocket::Opcode opcode,
                  std::span<char> payload) override {
    Session& session = *sessions_.at(connection.tag());
    const std::string_view message(payload.data(), payload.size());
    frame_.clear();
    if (session.deflater) {
      compressed_.clear();
      session.deflater->deflate(message, compressed_);
      websocket::append_frame(frame_, opcode, compressed_, true);
    } else {
      websocket::append_frame(frame_, opcode, message);
    }
    if (!connection.queue(frame_)) connection.close(1008, "read what you asked for");
  }

  void on_pong(net::Connection& /*connection*/) override {}
  void on_writable(net::Connection& /*connection*/) override {}
  // Most peers end the stream at once; the others get kCloseTime.
  void on_closed(net::Connection& connection, std::uint16_t /*code*/) override {
    closing_.push({connection.tag(), Clock::now() + kCloseTime});
    if (closing_.size() == 1) abort_late_ones();
  }

  void on_released(net::Connection& connection) override {
    sessions_.erase(connection.tag());
    budget_.give_back();
    listener_.descriptor_freed();
  }

  // By their order, so that one timer is enough.
  void abort_late_ones() {
    for (; !closing_.empty() && closing_.front().deadline <= Clock::now(); closing_.pop()) {
      const auto late = sessions_.find(closing_.front().tag);
      if (late != sessions_.end()) late->second->connection.abort();
    }
    if (closing_.empty()) return;
    timer_.expires_at(closing_.front().deadline);
    timer_.async_wait([this](const boost::system::error_code& problem) {
      if (!problem) abort_late_ones();
    });
  }

  struct Closing {
    std::uint32_t tag;
    TimePoint deadline;
  };

  const EchoOptions options_;
  net::LoopShared shared_;
  boost::asio::steady_timer timer_;
  Fifo<Closing> closing_;
  net::ConnectionBudget budget_;
  net::Listener listener_;
  std::unordered_map<std::uint32_t, std::unique_ptr<Session>> sessions_;
  std::uint32_t next_tag_ = 0;
  std::string frame_;
  std::string compressed_;
};

}  // namespace

int run_echo(const EchoOptions& options, Log& log) {
  std::signal(SIGPIPE, SIG_IGN);
  net::raise_descriptor_limit();
  auto bound = net::listen_near(options.host, options.port);
  if (!bound) {
    fmt::print(stderr, "spillway echo: {}\n", bound.error().message);
    return 1;
  }
  const std::uint16_t port = bound->port;
  net::Loop loop;
  EchoServer server(loop, std::move(bound->fd), options, log);
  boost::asio::signal_set signals(loop.context(), SIGTERM, SIGINT);
  signals.async_wait([&loop](const boost::system::error_code&, int) { loop.stop(); });
  fmt::print("listening ws://{}:{}\n", net::url_host(options.host), port);
  std::fflush(stdout);
  loop.run();
  return 0;
}

}  // namespace spillway::server
