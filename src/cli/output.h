// What a command tells its user on stdout: whole lines, at once, also into a pipe.
#pragma once

#include <fmt/core.h>

#include <cstdio>
#include <string_view>

namespace spillway::cli {

inline void print_line(std::string_view line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

}  // namespace spillway::cli
