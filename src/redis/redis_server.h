// For tests: a redis-server of their own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace spillway::redis {

// A child process on a Unix socket in a temporary directory. Owned by a test, whose thread must be
// the one that started it; the child dies with that thread, with the object, and the directory goes
// too. It need not be awaited: our clients try until it is there.
class RedisServer {
 public:
  enum class Mode { kServer, kSentinel };  // a Sentinel watches nothing at first

  explicit RedisServer(std::vector<std::string> arguments = {}, Mode mode = Mode::kServer);
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  void start();
  void kill();  // SIGKILL, and waits for it

  const std::string& directory() const { return directory_; }
  std::string url() const { return "unix://" + directory_ + "/redis.sock"; }

 private:
  std::string directory_;
  std::vector<std::string> arguments_;
  Mode mode_;
  pid_t child_ = -1;
};

// A TCP port of 127.0.0.1 that was free just now.
std::uint16_t free_port();

}  // namespace spillway::redis
