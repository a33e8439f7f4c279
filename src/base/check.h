// CHECK: an invariant of ours. Broken means a bug, so the process aborts, in release builds too.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace spillway {

[[noreturn]] inline void check_failed(const char* what, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: invariant broken: %s\n", file, line, what);
  std::abort();
}

}  // namespace spillway

#define CHECK(condition)                               \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::spillway::check_failed(#condition, __FILE__, __LINE__))
