// For tests of the RESP parser: one input, cut in every way that matters, and replies as text.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "redis/reply.h"

namespace spillway::redis {

// The input whole, byte by byte, and `rounds` times at random places, from a fixed seed.
inline std::vector<std::vector<std::string_view>> all_cuts(std::string_view input,
                                                           int rounds = 100) {
  std::vector<std::vector<std::string_view>> cuts{{input}, {}};
  for (std::size_t i = 0; i < input.size(); ++i) cuts[1].push_back(input.substr(i, 1));
  Random random(20'240'601);
  for (int round = 0; round < rounds; ++round) {
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

// A whole tree, so that trees can be compared.
inline std::string printed(ReplyView reply) {
  if (reply.is_nil()) return "nil";
  if (reply.is_error()) return fmt::format("error({})", reply.error_text());
  if (reply.is_text()) return fmt::format("'{}'", reply.text());
  if (!reply.is_array()) return std::to_string(reply.integer().value());
  std::string all = "[";
  for (std::size_t i = 0; i < reply.size(); ++i) all += printed(reply[i]) + ";";
  return all + "]";
}

}  // namespace spillway::redis
