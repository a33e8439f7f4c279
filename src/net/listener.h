// Accepts connections on one loop.
//
// Owned by its loop's shard. Bounded: at most kAcceptsPerTurn a turn, so that a crowd at the door
// does not keep those inside waiting. Out of descriptors, or at the process's connection limit, it
// pauses; the kernel's queue holds the rest.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <functional>

#include "base/log.h"
#include "base/loop_affinity.h"
#include "base/unique_fd.h"

namespace spillway::net {

// How many connections the process may hold; shared by its loops. Thread-safe.
class ConnectionBudget {
 public:
  explicit ConnectionBudget(std::size_t connections_max)
      : left_(static_cast<long>(connections_max)) {}

  bool take() {
    if (left_.fetch_sub(1, std::memory_order_relaxed) > 0) return true;
    give_back();
    return false;
  }
  void give_back() { left_.fetch_add(1, std::memory_order_relaxed); }

 private:
  std::atomic<long> left_;
};

class Listener {
 public:
  using OnAccept = std::function<void(UniqueFd)>;

  static constexpr int kAcceptsPerTurn = 64;

  // `on_accept` gets non-blocking sockets with TCP_NODELAY, each with a place in `budget` that its
  // owner gives back.
  Listener(boost::asio::io_context& context, UniqueFd fd, ConnectionBudget& budget, Log& log,
           OnAccept on_accept);

  void start() { arm(); }
  // A connection was closed: if accepting is paused, try again.
  void descriptor_freed();
  // Stops accepting for good.
  void close();

  std::uint64_t accepted() const { return accepted_; }
  std::uint64_t pauses() const { return pauses_; }

 private:
  using Descriptor =
      boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

  void arm();
  void accept_some();
  void pause(const char* why, int error);

  LoopAffinity affinity_;
  Descriptor socket_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      retry_;
  ConnectionBudget& budget_;
  Log& log_;
  OnAccept on_accept_;
  bool paused_ = false;
  bool said_ = false;  // the pause is logged once until accepting works again for a while
  std::uint64_t accepted_ = 0;
  std::uint64_t pauses_ = 0;
};

}  // namespace spillway::net
