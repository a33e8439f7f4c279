#include "server/memory.h"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string_view>

#include "base/unique_fd.h"

namespace spillway::server {
namespace {

// The second number of /proc/self/statm: resident pages.
std::uint64_t resident_pages() {
  const UniqueFd file(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  std::array<char, 128> text{};
  const ssize_t got = ::read(file.get(), text.data(), text.size());
  if (got <= 0) return 0;
  const std::string_view line(text.data(), static_cast<std::size_t>(got));
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return 0;
  std::uint64_t pages = 0;
  std::from_chars(line.data() + space + 1, line.data() + line.size(), pages);
  return pages;
}

}  // namespace

std::uint64_t resident_bytes() {
  return resident_pages() * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

HeapUse heap_use() {
  const struct mallinfo2 heap = ::mallinfo2();
  return {heap.arena + heap.hblkhd, heap.uordblks + heap.hblkhd};
}

}  // namespace spillway::server
