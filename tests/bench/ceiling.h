// The raw ceiling: how many writes a second one core makes to that many loopback sockets, one by
// one or 128 in a call of io_uring, with nothing around them. No chat server that writes in the
// same way can do more.
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
  bool uring = false;
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
