#include "redis/command.h"

#include <fmt/format.h>

#include <algorithm>

namespace spillway::redis {

Command& Command::arg(std::string_view value) {
  fmt::format_to(std::back_inserter(bytes_), "${}\r\n", value.size());
  bytes_.append(value).append("\r\n");
  ++arguments_;
  const auto header = fmt::format(FMT_STRING("*{}\r\n"), arguments_);
  start_ = kHeaderRoom - header.size();
  std::copy(header.begin(), header.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(start_));
  return *this;
}

Command& Command::arg(double value) { return arg(std::string_view(fmt::format("{}", value))); }

Command& Command::signed_arg(std::int64_t value) {
  return arg(std::string_view(fmt::format_int(value).c_str()));
}

Command& Command::unsigned_arg(std::uint64_t value) {
  return arg(std::string_view(fmt::format_int(value).c_str()));
}

}  // namespace spillway::redis
