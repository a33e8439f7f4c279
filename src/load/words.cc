#include "load/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/units.h"

namespace spillway::load {

std::string grouped(std::uint64_t number) { return group_digits(fmt::format("{}", number)); }

std::string grouped(double number) {
  if (number < 100) return fmt::format("{:.1f}", number);
  return grouped(static_cast<std::uint64_t>(std::llround(number)));
}

std::string latency_text(Duration latency) {
  const double ms = to_ms(latency);
  if (ms < 10) return fmt::format("{:.2f} ms", ms);
  if (ms < 1000) return fmt::format("{:.1f} ms", ms);
  return fmt::format("{:.2f} s", ms / 1000);
}

std::string time_text(Duration time) {
  const auto seconds = static_cast<std::uint64_t>(std::llround(std::max(to_ms(time), 0.0) / 1000));
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} m {:02} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {:02} m", seconds / 3600, seconds / 60 % 60);
}

std::string counted(std::uint64_t number, const std::string& one) {
  return fmt::format("{} {}{}", grouped(number), one, number == 1 ? "" : "s");
}

std::string saturated_word(Saturated side) {
  switch (side) {
    case Saturated::kNone:
      return "none";
    case Saturated::kServer:
      return "server";
    case Saturated::kLoad:
      return "load";
  }
  return "none";
}

std::string target_of(const LoadOptions& options) {
  return options.manners.fixed_url.empty() ? options.balancer : options.manners.fixed_url;
}

}  // namespace spillway::load
