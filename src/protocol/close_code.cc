#include "protocol/close_code.h"

#include "base/check.h"

namespace spillway::protocol {

std::string_view reason(CloseCode code) {
  switch (code) {
    case CloseCode::kNormal:
      return "bye";
    case CloseCode::kGoingAway:
      return "the server is stopping";
    case CloseCode::kProtocolError:
      return "not a valid WebSocket frame";
    case CloseCode::kUnsupportedData:
      return "only text messages are understood";
    case CloseCode::kInvalidText:
      return "the text is not UTF-8 or cannot be inflated";
    case CloseCode::kMessageTooBig:
      return "the message is too big";
    case CloseCode::kInternalError:
      return "the server failed";
    case CloseCode::kSlowViewer:
      return "too slow to keep up; reconnect and resume";
    case CloseCode::kDraining:
      return "this server is being left; reconnect and resume";
    case CloseCode::kNoPong:
      return "no answer to a ping; reconnect and resume";
    case CloseCode::kFateUnknown:
      return "fate of a message unknown; reconnect and repeat it";
    case CloseCode::kBadRequest:
      return "this client does not speak the protocol";
    case CloseCode::kUnauthorized:
      return "not authorized";
    case CloseCode::kBanned:
      return "banned";
    case CloseCode::kAbuse:
      return "far beyond the limits";
  }
  CHECK(false);
  return {};
}

}  // namespace spillway::protocol
