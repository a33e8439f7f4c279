// For tests and benchmarks: counts what operator new is asked for. Only in binaries that link
// spillway_allocations, whose allocator replaces the standard one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace spillway::testing {

// By this thread, so far.
std::uint64_t allocations();
// Now held, as malloc rounds it: allocated less freed by this thread.
std::size_t allocated_bytes();

}  // namespace spillway::testing
