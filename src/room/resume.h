// Whether a viewer's position can be continued from what a loop holds of the room.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/position.h"

namespace spillway::room {

// The life of a room's order, as the scripts in Redis tell it.
struct EpochState {
  std::string epoch;
  std::uint64_t seq = 0;   // of the newest message known here
  std::string prev_epoch;  // positions of this one, up to prev_seq, live on in `epoch`
  std::uint64_t prev_seq = 0;
};

enum class Resume {
  kWhole,  // everything after the position is here
  kGone,   // something after it is no longer here, or was never in this order
  kAhead,  // the position is of this order, but newer than anything known here
};

// `first_seq` is the oldest message held; state.seq + 1 where there is none.
Resume judge(const protocol::Position& since, const EpochState& state, std::uint64_t first_seq);

// The position before the newest `count` messages, of [first_seq, seq].
std::uint64_t position_before_newest(std::uint64_t count, std::uint64_t first_seq,
                                     std::uint64_t seq);

}  // namespace spillway::room
