#include "server/counters.h"

#include "protocol/close_code.h"

namespace spillway::server {

Counter closed_counter(std::uint16_t code) {
  using protocol::CloseCode;
  switch (static_cast<CloseCode>(code)) {
    case CloseCode::kNormal:
      return Counter::kClosedNormal;
    case CloseCode::kGoingAway:
      return Counter::kClosedGoingAway;
    case CloseCode::kProtocolError:
      return Counter::kClosedProtocolError;
    case CloseCode::kUnsupportedData:
      return Counter::kClosedUnsupported;
    case CloseCode::kInvalidText:
      return Counter::kClosedInvalidText;
    case CloseCode::kMessageTooBig:
      return Counter::kClosedTooBig;
    case CloseCode::kSlowViewer:
      return Counter::kClosedSlowViewer;
    case CloseCode::kDraining:
      return Counter::kClosedDraining;
    case CloseCode::kNoPong:
      return Counter::kClosedNoPong;
    case CloseCode::kFateUnknown:
      return Counter::kClosedFateUnknown;
    case CloseCode::kAbuse:
      return Counter::kClosedAbuse;
    case CloseCode::kInternalError:
    case CloseCode::kBadRequest:
    case CloseCode::kUnauthorized:
    case CloseCode::kBanned:
      break;
  }
  constexpr std::uint16_t kNoStatus = 1005;  // an empty close frame: as good as 1000
  constexpr std::uint16_t kAbnormal = 1006;  // no close frame at all
  if (code == kNoStatus) return Counter::kClosedNormal;
  if (code == kAbnormal) return Counter::kClosedLost;
  return Counter::kClosedOther;
}

}  // namespace spillway::server
