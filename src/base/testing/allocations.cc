#include "base/testing/allocations.h"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

thread_local std::uint64_t count = 0;
thread_local std::size_t bytes_held = 0;

void* allocate(std::size_t bytes) noexcept {
  ++count;
  void* const memory = std::malloc(bytes > 0 ? bytes : 1);
  bytes_held += malloc_usable_size(memory);
  return memory;
}

void release(void* memory) noexcept {
  bytes_held -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

namespace spillway::testing {

std::uint64_t allocations() { return count; }
std::size_t allocated_bytes() { return bytes_held; }

}  // namespace spillway::testing

// The other forms of the standard library call these; those of the address sanitizer do not, so
// each form that is freed by ours has to be here.
void* operator new(std::size_t bytes) {
  if (void* const memory = allocate(bytes)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
  return allocate(bytes);
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t /*bytes*/) noexcept { release(memory); }
