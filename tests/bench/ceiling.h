// The raw ceiling: how many `send` calls a second one core makes to that many loopback sockets,
// with nothing around them. No chat server that writes with `send` can do more writes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/result.h"

namespace spillway::bench {

struct CeilingOptions {
  std::size_t sockets = 1000;
  std::size_t bytes = 120;  // of one write
  std::chrono::milliseconds duration{3000};
  int writer_core = -1;  // -1: where the kernel likes
  int reader_core = -1;
};

struct CeilingResult {
  std::uint64_t writes = 0;
  std::uint64_t full = 0;  // refused, since the reader had not read yet; not among the writes
  Duration took{};
  Duration writer_cpu{};
};

// Forks a reader that ends with this process.
Result<CeilingResult> measure_ceiling(const CeilingOptions& options);

}  // namespace spillway::bench
