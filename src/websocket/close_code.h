// Close codes of RFC 6455 section 7.4. Those of our own protocol (4000-4999) are in src/protocol.
#pragma once

#include <cstdint>

namespace spillway::websocket {

inline constexpr std::uint16_t kNormal = 1000;
inline constexpr std::uint16_t kGoingAway = 1001;
inline constexpr std::uint16_t kProtocolError = 1002;
inline constexpr std::uint16_t kUnsupportedData = 1003;
inline constexpr std::uint16_t kNoStatus = 1005;  // a close frame without a code; never on the wire
inline constexpr std::uint16_t kInvalidPayload = 1007;
inline constexpr std::uint16_t kPolicy = 1008;
inline constexpr std::uint16_t kTooBig = 1009;
inline constexpr std::uint16_t kInternal = 1011;

// Whether `code` may stand in a close frame: what IANA's registry "WebSocket Close Code Number"
// assigns for the wire (1004 is reserved; 1005, 1006 and 1015 are for local use only),
// libraries' 3000-3999 and applications' 4000-4999.
constexpr bool may_be_sent(std::uint16_t code) {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

}  // namespace spillway::websocket
