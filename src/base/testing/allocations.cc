#include "allocations.h"

#include <cstdlib>
#include <new>

namespace spillway::bench {
namespace {

thread_local std::uint64_t count = 0;

}  // namespace

std::uint64_t allocations() { return count; }

}  // namespace spillway::bench

// The array and the sized forms of the standard library call these two.
void* operator new(std::size_t bytes) {
  ++spillway::bench::count;
  if (void* const memory = std::malloc(bytes > 0 ? bytes : 1)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
