#include "balancer/load.h"

#include <algorithm>

namespace spillway::balancer {
namespace {

std::int64_t to_whole_ms(std::chrono::microseconds span) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
}

}  // namespace

double load_of(double deliveries_per_s, double busy, const Capacity& capacity) {
  return std::max(deliveries_per_s / capacity.deliveries_per_s, busy / capacity.busy);
}

void LoadWindow::add(const ServerReading& reading, const Capacity& capacity) {
  if (!reading.heartbeat_ms || reading.heartbeat_ms == last_heartbeat_ms_) return;
  const auto from = std::exchange(last_heartbeat_ms_, reading.heartbeat_ms);
  const std::uint64_t deliveries_before = std::exchange(last_deliveries_, reading.deliveries);
  if (!from) return;
  const std::int64_t to = *reading.heartbeat_ms;
  if (to < *from || to - *from > kBreakMs || reading.deliveries < deliveries_before) {
    count_ = 0;
    return;
  }
  Sample sample;
  sample.from_ms = *from;
  sample.to_ms = to;
  sample.deliveries_per_s = static_cast<double>(reading.deliveries - deliveries_before) * 1000.0 /
                            static_cast<double>(to - *from);
  sample.load = load_of(sample.deliveries_per_s, reading.busy, capacity);
  sample.lag_ms = reading.lag_ms;
  samples_[count_++ % kSamples] = sample;
}

LoadWindow::Mean LoadWindow::mean(std::chrono::microseconds span, double Sample::*field) const {
  Mean mean;
  if (count_ == 0) return mean;
  const std::int64_t since = samples_[(count_ - 1) % kSamples].to_ms - to_whole_ms(span);
  double sum = 0;
  for (std::size_t back = 1; back <= std::min(count_, kSamples); ++back) {
    const Sample& sample = samples_[(count_ - back) % kSamples];
    if (sample.to_ms - since <= kToleranceMs) break;  // mostly before the span
    sum += sample.*field * static_cast<double>(sample.to_ms - sample.from_ms);
    mean.covered_ms += sample.to_ms - sample.from_ms;
  }
  mean.value = mean.covered_ms > 0 ? sum / static_cast<double>(mean.covered_ms) : 0;
  return mean;
}

std::optional<double> LoadWindow::whole_mean(std::chrono::microseconds span,
                                             double Sample::*field) const {
  const Mean found = mean(span, field);
  if (found.covered_ms == 0 || found.covered_ms + kToleranceMs < to_whole_ms(span)) {
    return std::nullopt;
  }
  return found.value;
}

std::optional<double> LoadWindow::load(std::chrono::microseconds span) const {
  return whole_mean(span, &Sample::load);
}

std::optional<double> LoadWindow::lag_ms(std::chrono::microseconds span) const {
  return whole_mean(span, &Sample::lag_ms);
}

std::optional<double> LoadWindow::deliveries_per_s(std::chrono::microseconds span) const {
  return whole_mean(span, &Sample::deliveries_per_s);
}

double LoadWindow::load_so_far(std::chrono::microseconds span) const {
  return mean(span, &Sample::load).value;
}

double LoadWindow::deliveries_per_s_so_far(std::chrono::microseconds span) const {
  return mean(span, &Sample::deliveries_per_s).value;
}

}  // namespace spillway::balancer
