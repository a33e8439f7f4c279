// What all viewers of one thread share.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/random.h"
#include "load/tally.h"
#include "load/transcript.h"
#include "protocol/server_message_parser.h"

namespace spillway::load {

struct Room {
  std::string name;
  Transcript transcript;
  std::uint64_t newest = 0;  // the highest seq that anybody saw or was acknowledged

  void reached(std::uint64_t seq) { newest = std::max(newest, seq); }
};

// Owned by the swarm, its thread. Bounded: kTranscriptMessages frames over all rooms, but at least
// 64 a room.
struct Crowd {
  static constexpr std::size_t kTranscriptMessages = 32 * 1024;

  explicit Crowd(std::size_t room_count) {
    const std::size_t messages =
        std::bit_floor(std::max<std::size_t>(kTranscriptMessages / room_count, 64));
    rooms.reserve(room_count);
    for (std::size_t i = 1; i <= room_count; ++i) {
      rooms.push_back({fmt::format("chat-room-{}", i), Transcript(messages)});
    }
  }

  std::uint32_t mask() { return static_cast<std::uint32_t>(random.below(std::uint64_t{1} << 32U)); }

  std::vector<Room> rooms;
  Tally tally;
  protocol::ServerMessageParser parser;
  Random random{random_seed()};
};

}  // namespace spillway::load
