// For tests of parsers: the same bytes whole, byte by byte, and at random cuts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace spillway::websocket::testing {

using Pieces = std::vector<std::string>;

inline Pieces single_bytes(std::string_view bytes) {
  Pieces pieces;
  for (const char c : bytes) pieces.emplace_back(1, c);
  return pieces;
}

// Mostly short pieces, some of them empty, now and then a long one.
inline Pieces random_pieces(std::string_view bytes, std::uint64_t seed) {
  Random random(seed);
  Pieces pieces;
  while (!bytes.empty()) {
    const std::size_t size = random.below(random.below(4) == 0 ? bytes.size() + 1 : 16);
    pieces.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(std::min(size, bytes.size()));
  }
  return pieces;
}

// Calls `check` with every way to cut.
template <typename Check>
void for_each_cut(std::string_view bytes, Check check) {
  check(Pieces{std::string(bytes)});
  check(single_bytes(bytes));
  for (std::uint64_t seed = 1; seed <= 20; ++seed) check(random_pieces(bytes, seed));
}

}  // namespace spillway::websocket::testing
