// How viewers spread over rooms: evenly, or as real rooms do, where few are large and many small.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spillway {

// The n-th largest room gets a share in proportion to 1/n^exponent (Zipf's law); 0: all the same.
struct Distribution {
  double exponent = 0;
  friend bool operator==(const Distribution&, const Distribution&) = default;
};

// `uniform`, or `zipf:1.1`.
Result<Distribution> parse_distribution(std::string_view text);
std::string format_distribution(const Distribution& distribution);

// Viewers of each room, the largest first; they add up to `viewers`. What does not come out even
// goes to the rooms with the largest remainders. REQUIRES rooms > 0.
std::vector<std::uint64_t> room_sizes(std::uint64_t viewers, std::size_t rooms,
                                      const Distribution& distribution);

// Viewer by viewer the index of its room, so that any number of first viewers is spread as all
// are. `sizes` as above.
std::vector<std::uint32_t> rooms_of_viewers(const std::vector<std::uint64_t>& sizes);

}  // namespace spillway
