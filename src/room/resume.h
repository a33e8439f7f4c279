// Whether a viewer's position can be continued from what a loop holds of the room.
#pragma once

#include <cstdint>
#include <optional>
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

// Whether Redis has to be asked before the verdict counts: the position is ahead of what is known
// here, or of another epoch, which may be an old one or one that this server has not heard of yet.
bool must_ask(const protocol::Position& since, const EpochState& state, std::uint64_t first_seq);

// What follows a position that is gone, where the client did not say how much it wants.
inline constexpr std::uint32_t kHistoryAfterLoss = 50;

// What a `register` asks for.
struct Wish {
  std::optional<protocol::Position> since;
  std::optional<std::uint32_t> history;
  std::optional<std::uint64_t> seq;  // the room's when the register came, where it was known
};
// What a loop holds of the room.
struct Holding {
  const EpochState& state;
  std::uint64_t first_seq = 1;
  std::uint64_t opened_seq = 0;  // state.seq when it was first held
};
struct Entry {
  std::uint64_t position = 0;     // what follows it is sent
  std::optional<bool> recovered;  // only with `since`
};
Entry enter(const Wish& wish, const Holding& room, std::uint32_t history_max);

// For a viewer that stood at `position` when the room's epoch changed.
Entry enter_again(const protocol::Position& position, const Holding& room);

// The position before the newest `count` messages, of [first_seq, seq].
std::uint64_t position_before_newest(std::uint64_t count, std::uint64_t first_seq,
                                     std::uint64_t seq);

}  // namespace spillway::room
