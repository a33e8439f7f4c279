// What the balancer orders a server to do, over the server's control channel in Redis.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace spillway::protocol {

inline constexpr std::size_t kControlTargetsMax = 1000;
inline constexpr std::size_t kControlUrlBytesMax = 2048;
inline constexpr std::size_t kControlBytesMax = 4 * 1024 * 1024;
inline constexpr std::uint32_t kControlViewersMax = 10'000'000;

// Tell `n` viewers to leave; it replaces what is left of the last such order.
struct Redistribute {
  struct Target {
    std::string url;  // ws:// or wss://
    std::uint32_t n = 0;
    friend bool operator==(const Target&, const Target&) = default;
  };
  std::uint32_t n = 0;
  std::vector<Target> targets;  // how many go where; whoever is left over asks the balancer
  friend bool operator==(const Redistribute&, const Redistribute&) = default;
};

// Stop, and lose nobody on the way.
struct DrainOrder {
  friend bool operator==(const DrainOrder&, const DrainOrder&) = default;
};

using ControlMessage = std::variant<Redistribute, DrainOrder>;

// ws:// or wss:// and a host, in printable ASCII: what viewers may be sent to.
bool is_websocket_url(std::string_view url);

Result<ControlMessage> parse_control(std::string_view text);
std::string encode_control(const ControlMessage& message);

}  // namespace spillway::protocol
