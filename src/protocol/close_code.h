// Why a connection was closed, as the client is told.
#pragma once

#include <cstdint>
#include <string_view>

namespace spillway::protocol {

// Of our own codes the range carries the meaning, so that an old client obeys one it has never
// seen: 4000-4499 reconnect (with backoff, resume from the last position), 4500-4999 do not.
enum class CloseCode : std::uint16_t {
  kNormal = 1000,
  kGoingAway = 1001,      // a stop without drain
  kProtocolError = 1002,  // RFC 6455
  kUnsupportedData = 1003,
  kInvalidText = 1007,
  kMessageTooBig = 1009,
  kInternalError = 1011,

  kSlowViewer = 4000,
  kDraining = 4001,
  kNoPong = 4002,
  kFateUnknown = 4003,

  kBadRequest = 4500,
  kUnauthorized = 4501,
  kBanned = 4502,
  kAbuse = 4503,
};

constexpr bool is_retryable(std::uint16_t wire_code) {
  if (wire_code >= 4000) return wire_code < 4500;
  return wire_code == 1001 || wire_code == 1006 || (wire_code >= 1011 && wire_code <= 1013);
}

// The close frame's text: a short sentence for whoever reads the client's log.
std::string_view reason(CloseCode code);

}  // namespace spillway::protocol
