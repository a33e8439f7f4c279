#include "load/due_text.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

#include "base/check.h"

namespace spillway::load {

std::string due_text(TimePoint due, std::size_t bytes) {
  CHECK(bytes >= kDueTextBytesMin);
  std::string text = fmt::format("{:016x}", due.time_since_epoch().count());
  text.resize(bytes, 'x');
  return text;
}

std::optional<TimePoint> due_of(std::string_view text) {
  if (text.size() < kDueTextBytesMin) return std::nullopt;
  Duration::rep nanoseconds = 0;
  const char* const end = text.data() + kDueTextBytesMin;
  const auto [stop, error] = std::from_chars(text.data(), end, nanoseconds, 16);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return TimePoint(Duration(nanoseconds));
}

}  // namespace spillway::load
