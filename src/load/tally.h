// What the viewers of one thread counted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "load/histogram.h"

namespace spillway::load {

// Latencies are of the messages that were due within the window, whenever they arrive: what a
// server delivers late must not leave the statistics.
struct Tally {
  TimePoint window_begin = TimePoint::max();
  TimePoint window_end = TimePoint::max();

  Histogram latency;                       // from due to received
  std::uint64_t deliveries_in_window = 0;  // received within it, whenever they were due
  std::uint64_t deliveries = 0;            // all
  std::uint64_t duplicates = 0;
  std::uint64_t out_of_order = 0;
  std::uint64_t gaps = 0;          // announced
  std::uint64_t gap_messages = 0;  // in them
  std::uint64_t acked = 0;
  std::uint64_t errors = 0;
  std::uint64_t redistributed = 0;
  std::uint64_t closed = 0;     // viewers that the server closed or that failed
  std::string first_problem{};  // of errors and closed; empty: none

  void delivered(const std::optional<TimePoint>& due, TimePoint now) {
    ++deliveries;
    if (now >= window_begin && now < window_end) ++deliveries_in_window;
    if (due && *due >= window_begin && *due < window_end) latency.record(now - *due);
  }

  void problem(std::string what) {
    if (first_problem.empty()) first_problem = std::move(what);
  }
};

}  // namespace spillway::load
