// How much of a room is kept, in Redis and in memory alike.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace spillway::room {

// The newest `messages` and whatever is younger than `window`, at most `bytes_max` of JSON.
struct HistoryRules {
  std::uint32_t messages = 200;
  std::chrono::milliseconds window{60'000};
  std::size_t bytes_max = 8 * 1024 * 1024;
};

}  // namespace spillway::room
