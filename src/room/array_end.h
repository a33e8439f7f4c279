// How the coalesced form is cut into WebSocket messages.
#pragma once

#include <cstddef>
#include <cstdint>

#include "room/ring.h"

namespace spillway::room {

// A WebSocket message of the coalesced form holds at most this much, or one message.
inline constexpr std::size_t kArrayBytesMax = 16 * 1024;

// Where the frame of one array ends, among bytes that hold several, and the first message after it.
struct ArrayEnd {
  std::size_t bytes = 0;
  std::uint64_t next = 0;
};

// The messages [from, result) make the next array. In the ring each ends with a comma; `[` stands
// before them, and `]` in place of the last comma.
inline std::uint64_t end_of_array(const Ring& ring, std::uint64_t from, std::uint64_t to) {
  return ring.fit(from, to, kArrayBytesMax - 1);
}

}  // namespace spillway::room
