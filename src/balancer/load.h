// How loaded a server is, from what it said of itself. Pure.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "balancer/reading.h"

namespace spillway::balancer {

// What a server can sustain: load 1 is full.
struct Capacity {
  double deliveries_per_s = 5'300'000;
  double busy = 0.70;
};

// max(deliveries a second / capacity, busy / capacity). Deliveries alone mislead: a hundred
// thousand a second in small rooms cost as much as five million in one.
double load_of(double deliveries_per_s, double busy, const Capacity& capacity);

// The last seconds of one server. A sample is what happened between two heartbeats, so its rates
// are exact however our readings fall between them. Bounded: kSamples.
class LoadWindow {
 public:
  static constexpr std::size_t kSamples = 64;

  // A reading with a heartbeat that is not new adds nothing. A counter that went back, or silence
  // longer than kBreak, begins anew: what lies in between is not known.
  void add(const ServerReading& reading, const Capacity& capacity);

  // Means over the last `span`, by time. Nothing: the server has not been heard for that long yet.
  std::optional<double> load(std::chrono::microseconds span) const;
  std::optional<double> lag_ms(std::chrono::microseconds span) const;
  std::optional<double> deliveries_per_s(std::chrono::microseconds span) const;

  // The mean over the last `span` or whatever there is of it; 0 before the first sample.
  double load_so_far(std::chrono::microseconds span) const;
  double deliveries_per_s_so_far(std::chrono::microseconds span) const;

 private:
  static constexpr std::int64_t kBreakMs = 3000;
  static constexpr std::int64_t kToleranceMs = 500;  // heartbeats are a second apart, about

  struct Sample {
    std::int64_t from_ms = 0;
    std::int64_t to_ms = 0;
    double load = 0;
    double lag_ms = 0;
    double deliveries_per_s = 0;
  };
  struct Mean {
    double value = 0;
    std::int64_t covered_ms = 0;
  };
  Mean mean(std::chrono::microseconds span, double Sample::*field) const;
  std::optional<double> whole_mean(std::chrono::microseconds span, double Sample::*field) const;

  std::array<Sample, kSamples> samples_{};
  std::size_t count_ = 0;  // ever added; the newest is at (count_ - 1) % kSamples
  std::optional<std::int64_t> last_heartbeat_ms_;
  std::uint64_t last_deliveries_ = 0;
};

}  // namespace spillway::balancer
