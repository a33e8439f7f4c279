// What a MessageReader finds. Spans and views point into the caller's buffer or into the reader;
// they are valid until the next call of next().
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "websocket/frame.h"
#include "websocket/need_more.h"

namespace spillway::websocket {

struct Message {  // whole, unmasked, decompressed; text is valid UTF-8
  Opcode opcode;
  std::span<char> payload;
};
struct Ping {
  std::span<char> payload;
};
struct Pong {
  std::span<char> payload;
};
struct Close {  // kNoStatus where the frame was empty
  std::uint16_t code;
  std::string_view reason;
};
struct Failure {  // the peer broke a rule: fail the connection with this close code
  std::uint16_t code;
  std::string_view reason;  // lives forever
};
using Event = std::variant<NeedMore, Message, Ping, Pong, Close, Failure>;

}  // namespace spillway::websocket
