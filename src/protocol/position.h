// Where a viewer stands in a room's order of messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::protocol {

// JavaScript's largest exact integer: no number on the wire is beyond it.
inline constexpr std::uint64_t kSeqMax = std::uint64_t{1} << 53U;

// `epoch` names one unbroken life of the order, `seq` is the last message that was seen of it.
struct Position {
  std::string epoch;
  std::uint64_t seq = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

// 1-64 characters of A-Z a-z 0-9 _ -.
bool is_epoch(std::string_view text);

}  // namespace spillway::protocol
