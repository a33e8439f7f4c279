// What this process takes of memory, in bytes.
#pragma once

#include <cstdint>

namespace spillway::server {

struct HeapUse {
  std::uint64_t bytes = 0;  // taken from the kernel by malloc
  std::uint64_t used = 0;   // of it, handed out
};

std::uint64_t resident_bytes();

// malloc walks all that it has free: with 10,000 viewers that is 16 ms in which a loop does
// nothing.
HeapUse heap_use();

}  // namespace spillway::server
