// One line a state change: time, level, event, key=value. Never per message.
//
// Thread-safe. Lines go through a bounded queue to a writer thread, so that a slow stderr cannot
// block a loop; when the queue is full the oldest line is dropped.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spdlog {
class logger;
namespace details {
class thread_pool;
}
}  // namespace spdlog

namespace spillway {

enum class LogLevel { kDebug, kInfo, kWarn, kError, kOff };

// `debug`, `info`, `warn`, `error` or `off`.
Result<LogLevel> parse_log_level(std::string_view text);

// A key and a value; numbers and texts convert by themselves.
struct LogField {
  template <typename Value>
  LogField(std::string_view name, const Value& value) : key(name), text(fmt::format("{}", value)) {}
  std::string_view key;
  std::string text;
};

class Log {
 public:
  using Fields = std::initializer_list<LogField>;

  // Writes to stderr. The destructor writes out what is queued.
  explicit Log(LogLevel level);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void debug(std::string_view event, Fields fields = {});
  void info(std::string_view event, Fields fields = {});
  void warn(std::string_view event, Fields fields = {});
  void error(std::string_view event, Fields fields = {});

 private:
  void write(int level, std::string_view event, Fields fields);

  std::shared_ptr<spdlog::details::thread_pool> writer_;  // spdlog's own ownership scheme
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace spillway
