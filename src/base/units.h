// Durations, sizes and rates as people write them: 500ms, 5s, 10m, 64KiB, 20/30s.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spillway {

// `0`, or a decimal number with one of us, ms, s, m, h, d. Errors say what was expected.
Result<std::chrono::microseconds> parse_duration(std::string_view text);

// A whole number of bytes, alone or with B, KiB, MiB, GiB.
Result<std::size_t> parse_size(std::string_view text);

// A share written as `5%` or `0.5%`, from 0 to 1.
Result<double> parse_percent(std::string_view text);

// How often something may happen: `count` within `window`.
struct Rate {
  std::uint32_t count = 0;  // 0: no limit
  std::chrono::milliseconds window{0};
  bool limited() const { return count > 0; }
  friend bool operator==(const Rate&, const Rate&) = default;
};

// `20/30s`, or `off`.
Result<Rate> parse_rate(std::string_view text);

std::string format_duration(std::chrono::microseconds duration);  // the shortest exact form
std::string format_size(std::size_t bytes);
std::string format_rate(const Rate& rate);

// 1234567 as 1,234,567. `digits`: of a whole number that is not negative.
std::string group_digits(std::string_view digits);

}  // namespace spillway
