#include "base/units.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace spillway {
namespace {

using std::chrono::microseconds;

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array kTimeUnits{
    Unit{"d", 86'400'000'000}, Unit{"h", 3'600'000'000}, Unit{"m", 60'000'000},
    Unit{"s", 1'000'000},      Unit{"ms", 1'000},        Unit{"us", 1},
};
constexpr std::array kSizeUnits{
    Unit{"GiB", 1U << 30U},
    Unit{"MiB", 1U << 20U},
    Unit{"KiB", 1U << 10U},
    Unit{"B", 1},
};

template <std::size_t N>
std::optional<std::uint64_t> factor_of(const std::array<Unit, N>& units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return unit.factor;
  }
  return std::nullopt;
}

// The largest unit that divides `value`, so that the text parses back to the same value.
template <std::size_t N>
std::string format_exact(const std::array<Unit, N>& units, std::uint64_t value) {
  for (const Unit& unit : units) {
    if (value % unit.factor == 0) return fmt::format("{}{}", value / unit.factor, unit.name);
  }
  return fmt::format("{}", value);
}

}  // namespace

Result<microseconds> parse_duration(std::string_view text) {
  const Error wrong{fmt::format("'{}' is not a duration; write it as 500ms, 5s or 10m", text)};
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (problem != std::errc{} || number < 0) return wrong;
  const std::string_view name(rest, static_cast<std::size_t>(end - rest));
  if (name.empty() && number == 0) return microseconds{0};
  const auto factor = factor_of(kTimeUnits, name);
  if (!factor) return wrong;
  const double us = std::round(number * static_cast<double>(*factor));
  if (us > 1e17) return wrong;  // 3,170 years
  return microseconds{static_cast<std::int64_t>(us)};
}

Result<std::size_t> parse_size(std::string_view text) {
  const Error wrong{fmt::format("'{}' is not a size; write it as 2048, 64KiB or 8MiB", text)};
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc{}) return wrong;
  const std::string_view name(rest, static_cast<std::size_t>(end - rest));
  const auto factor = name.empty() ? std::optional<std::uint64_t>(1) : factor_of(kSizeUnits, name);
  if (!factor || number > std::numeric_limits<std::size_t>::max() / *factor) return wrong;
  return static_cast<std::size_t>(number * *factor);
}

Result<double> parse_percent(std::string_view text) {
  double percent = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, percent);
  if (problem != std::errc{} ||
      std::string_view(rest, static_cast<std::size_t>(end - rest)) != "%" ||
      !(percent >= 0 && percent <= 100)) {
    return Error{fmt::format("'{}' is no share; give one such as 5%", text)};
  }
  return percent / 100;
}

Result<Rate> parse_rate(std::string_view text) {
  if (text == "off") return Rate{};
  const Error wrong{fmt::format("'{}' is not a rate; write it as 20/30s, or off", text)};
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return wrong;
  Rate rate;
  const char* const end = text.data() + slash;
  const auto [rest, problem] = std::from_chars(text.data(), end, rate.count);
  if (problem != std::errc{} || rest != end || rate.count == 0) return wrong;
  const auto window = parse_duration(text.substr(slash + 1));
  if (!window) return wrong;
  rate.window = std::chrono::duration_cast<std::chrono::milliseconds>(*window);
  if (rate.window.count() <= 0) return wrong;
  return rate;
}

std::string format_duration(microseconds duration) {
  if (duration.count() == 0) return "0s";
  return format_exact(kTimeUnits, static_cast<std::uint64_t>(duration.count()));
}

std::string format_size(std::size_t bytes) { return format_exact(kSizeUnits, bytes); }

std::string format_rate(const Rate& rate) {
  if (!rate.limited()) return "off";
  return fmt::format("{}/{}", rate.count, format_duration(rate.window));
}

std::string group_digits(std::string_view digits) {
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

}  // namespace spillway
