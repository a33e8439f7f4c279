// Counts what operator new is asked for, in this binary.
#pragma once

#include <cstdint>

namespace spillway::bench {

// Calls of operator new by this thread so far.
std::uint64_t allocations();

}  // namespace spillway::bench
