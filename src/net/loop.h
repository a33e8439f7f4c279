// One thread, one event loop, and what it measures of itself.
//
// Constructed anywhere, run on its own thread; everything else it offers is for that thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "base/clock.h"

namespace spillway::net {

// Loop lag, sampled ten times a second, and the share of time that was used.
class LoopMeter {
 public:
  struct Reading {
    double lag_ms_mean = 0;
    double lag_ms_max = 0;
    double busy = 0;  // 0..1, CPU time of the thread over wall time
  };

  explicit LoopMeter(boost::asio::io_context& context);
  void start();
  void stop() { timer_.cancel(); }

  // Since the last call. From the loop's own thread.
  Reading take();

 private:
  void sample();

  boost::asio::steady_timer timer_;
  TimePoint due_{};
  double lag_ms_sum_ = 0;
  double lag_ms_max_ = 0;
  unsigned samples_ = 0;
  TimePoint taken_at_{};
  Duration cpu_at_{};
};

class Loop {
 public:
  // One thread runs it, so Asio may leave out its own locking where it can.
  Loop() : context_(1), work_(context_.get_executor()) {}

  boost::asio::io_context& context() { return context_; }
  // Runs on the calling thread until stop().
  void run() { context_.run(); }
  // Thread-safe.
  void stop() { context_.stop(); }

 private:
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
};

}  // namespace spillway::net
