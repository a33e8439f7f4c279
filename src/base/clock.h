// Time as the rest of the code sees it: values that are passed in.
#pragma once

#include <chrono>
#include <cstdint>

namespace spillway {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;

// Milliseconds since 1970 by the system clock: what stands on the wire as `ts`.
struct WallTime {
  std::int64_t ms = 0;
  friend auto operator<=>(const WallTime&, const WallTime&) = default;
};

inline WallTime wall_now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count()};
}

inline Duration scaled(Duration d, double factor) {
  return Duration(static_cast<Duration::rep>(static_cast<double>(d.count()) * factor));
}

inline double to_ms(Duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

// 0 where there was no time.
inline double per_second(std::uint64_t count, Duration time) {
  return time > Duration::zero() ? static_cast<double>(count) * 1000 / to_ms(time) : 0;
}

}  // namespace spillway
