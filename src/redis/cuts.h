// For tests of parsers: one input, cut in every way that matters.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace spillway::redis {

// The input whole, byte by byte, and at random places (from a fixed seed, a hundred times).
inline std::vector<std::vector<std::string_view>> all_cuts(std::string_view input) {
  std::vector<std::vector<std::string_view>> cuts{{input}, {}};
  for (std::size_t i = 0; i < input.size(); ++i) cuts[1].push_back(input.substr(i, 1));
  Random random(20'240'601);
  for (int round = 0; round < 100; ++round) {
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at < input.size();) {
      const std::size_t size = 1 + random.below(std::min<std::size_t>(input.size(), 40));
      pieces.push_back(input.substr(at, size));
      at += size;
    }
    cuts.push_back(std::move(pieces));
  }
  return cuts;
}

}  // namespace spillway::redis
