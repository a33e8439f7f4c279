// One child of ours: started, heard, stopped.
#pragma once

#include <sys/types.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spillway::balancer {

struct ChildOptions {
  std::string file;                    // found by PATH where it has no slash
  std::string name;                    // the program's, as it is told; empty: `file`
  std::vector<std::string> arguments;  // after the name
  // The kernel kills it when the thread that started it ends, however that comes about.
  bool dies_with_us = false;
};

// How it ended, and what it said last.
struct ChildExit {
  bool by_signal = false;
  int code = 0;           // exit code, or the signal's number
  std::string last_line;  // of its stderr; may be empty
};

// "exit code 1: the last line"
std::string describe(const ChildExit& exit);

// Owned by whoever started it, on its loop. The child gets no descriptor of ours but its stderr,
// no SPILLWAY_* in its environment, and a session of its own, so that a Ctrl-C in the terminal
// reaches only us and we stop it in order. Dropping this object leaves the child alone (its writes
// to stderr then fail); that is for when the loop has ended. Bounded: the last line, kLineBytesMax.
class ChildProcess {
 public:
  using OnStderr = std::function<void(std::string_view bytes)>;
  // Once, when nothing else of this object is under way: it may destroy the object.
  using OnExit = std::function<void(const ChildExit&)>;

  static Result<std::unique_ptr<ChildProcess>> start(boost::asio::io_context& io,
                                                     const ChildOptions& options,
                                                     OnStderr on_stderr, OnExit on_exit);
  ~ChildProcess() = default;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // SIGTERM now; if it is still there, again after `patience`, and SIGKILL after `last_resort`
  // more. A second call sends the second SIGTERM at once.
  void stop(std::chrono::milliseconds patience, std::chrono::milliseconds last_resort);

  pid_t pid() const { return pid_; }

 private:
  static constexpr std::size_t kLineBytesMax = 1024;

  ChildProcess(boost::asio::io_context& io, OnStderr on_stderr, OnExit on_exit);
  Status spawn(const ChildOptions& options);
  void read_stderr();
  void hear(std::string_view bytes);
  void drain_stderr();
  void await_exit();
  void finish(int wait_status);
  void kill_after(std::chrono::milliseconds last_resort);

  boost::asio::io_context& io_;
  boost::asio::posix::stream_descriptor stderr_;
  boost::asio::posix::stream_descriptor pidfd_;  // readable once the child has ended
  boost::asio::steady_timer timer_;
  OnStderr on_stderr_;
  OnExit on_exit_;
  pid_t pid_ = -1;
  bool stopping_ = false;
  std::string line_;       // being written
  std::string last_line_;  // whole
  std::array<char, 4096> buffer_{};
};

}  // namespace spillway::balancer
