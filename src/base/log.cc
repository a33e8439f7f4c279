#include "base/log.h"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace spillway {
namespace {

constexpr std::size_t kQueuedLinesMax = 8192;

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

// Values with spaces, quotes or control characters are quoted, so that a line stays one line.
void append_value(std::string& line, std::string_view value) {
  const auto plain = [](char c) { return c > ' ' && c != '"' && c != '\\' && c != 0x7f; };
  bool quote = value.empty();
  for (const char c : value) quote = quote || !(plain(c) || (c & 0x80) != 0);
  if (!quote) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') line += '\\';
    if (c == '\n') {
      line += "\\n";
    } else {
      line += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
  line += '"';
}

}  // namespace

Result<LogLevel> parse_log_level(std::string_view text) {
  if (text == "debug") return LogLevel::kDebug;
  if (text == "info") return LogLevel::kInfo;
  if (text == "warn") return LogLevel::kWarn;
  if (text == "error") return LogLevel::kError;
  if (text == "off") return LogLevel::kOff;
  return Error{fmt::format("'{}' is not a log level; use debug, info, warn, error or off", text)};
}

Log::Log(LogLevel level)
    : writer_(std::make_shared<spdlog::details::thread_pool>(kQueuedLinesMax, 1)),
      logger_(std::make_shared<spdlog::async_logger>(
          "spillway", std::make_shared<spdlog::sinks::stderr_sink_mt>(), writer_,
          spdlog::async_overflow_policy::overrun_oldest)) {
  logger_->set_level(to_spdlog(level));
  logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  logger_->flush_on(spdlog::level::info);
}

// The writer ends first, so that it is never the one who holds the logger last.
Log::~Log() {
  logger_->flush();
  writer_.reset();
}

void Log::debug(std::string_view event, Fields fields) {
  write(spdlog::level::debug, event, fields);
}
void Log::info(std::string_view event, Fields fields) { write(spdlog::level::info, event, fields); }
void Log::warn(std::string_view event, Fields fields) { write(spdlog::level::warn, event, fields); }
void Log::error(std::string_view event, Fields fields) { write(spdlog::level::err, event, fields); }

void Log::write(int level, std::string_view event, Fields fields) {
  const auto spdlog_level = static_cast<spdlog::level::level_enum>(level);
  if (!logger_->should_log(spdlog_level)) return;
  std::string line(event);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.text);
  }
  logger_->log(spdlog_level, "{}", line);
}

}  // namespace spillway
