// What this process takes of memory, in bytes.
#pragma once

#include <cstdint>

namespace spillway::server {

struct MemoryUse {
  std::uint64_t rss_bytes = 0;
  std::uint64_t heap_bytes = 0;       // taken from the kernel by malloc
  std::uint64_t heap_used_bytes = 0;  // of it, handed out
};

MemoryUse memory_use();

}  // namespace spillway::server
