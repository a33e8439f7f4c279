// What one chat server is told at start. Parsed and validated once in src/cli, then passed on.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/log.h"
#include "base/units.h"

namespace spillway::server {

enum class SlowViewer {
  kSkip,   // gets `gap` and goes on with what is still there
  kClose,  // is closed with 4000
};

enum class IoMode {
  kAuto,   // io_uring where this machine has it
  kSend,   // one call a viewer
  kUring,  // io_uring, or the server does not start
};

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;  // taken: the next free one; 0: any
  std::string id;             // UUID; empty: a new one
  std::string redis_url = "redis://127.0.0.1:6379";
  std::string redis_prefix;   // before every key and channel
  unsigned threads = 1;       // loops
  std::string advertise_url;  // what clients are told; empty: from host and port
  Rate rate_limit{20, std::chrono::seconds(30)};
  std::size_t message_bytes_max = 2 * 1024;  // decoded text of one chat message
  std::uint32_t history_messages = 200;
  std::chrono::microseconds history_window = std::chrono::seconds(60);
  std::size_t history_bytes_max = 8 * 1024 * 1024;  // of JSON, a room
  std::chrono::microseconds history_ttl = std::chrono::minutes(10);
  std::chrono::microseconds flush_interval_max = std::chrono::milliseconds(100);
  SlowViewer slow_viewer = SlowViewer::kSkip;
  IoMode io = IoMode::kAuto;
  std::chrono::microseconds drain_timeout = std::chrono::seconds(60);
  std::size_t connections_max = 0;  // 0: the descriptor limit less 256
  LogLevel log_level = LogLevel::kInfo;
};

}  // namespace spillway::server
