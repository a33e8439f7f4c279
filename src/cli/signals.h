// SIGINT and SIGTERM as events of a loop.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <functional>

namespace spillway::cli {

// Owned by a command, on its loop.
class StopSignals {
 public:
  // `on_signal` comes for each of them.
  StopSignals(boost::asio::io_context& io, std::function<void()> on_signal)
      : signals_(io, SIGINT, SIGTERM), on_signal_(std::move(on_signal)) {
    wait();
  }
  void cancel() { signals_.cancel(); }

 private:
  void wait() {
    signals_.async_wait([this](const boost::system::error_code& cancelled, int) {
      if (cancelled) return;
      on_signal_();
      wait();
    });
  }

  boost::asio::signal_set signals_;
  std::function<void()> on_signal_;
};

}  // namespace spillway::cli
