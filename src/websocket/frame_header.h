// Reading a frame's header (RFC 6455 section 5.2) against the rules that hold where it stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

#include "websocket/event.h"
#include "websocket/frame.h"

namespace spillway::websocket {

struct FrameHeader {
  Opcode opcode = Opcode::kContinuation;
  bool final = false;
  bool compressed = false;  // RSV1
  std::uint32_t mask = 0;   // as its bytes lie in memory; 0 where there is none
  std::uint64_t payload_bytes = 0;
  std::size_t header_bytes = 0;
};

struct FrameRules {
  bool masked;   // clients must, servers must not
  bool deflate;  // RSV1 may begin a message
  bool allow_binary;
  bool in_message;  // a fragmented message has begun
  // Payload that a data frame may still have, by whether its message is compressed.
  std::uint64_t plain_bytes_left;
  std::uint64_t compressed_bytes_left;
  bool message_compressed;  // of the message begun
};

// Judges each byte as soon as it is there: a Failure does not wait for the rest of the header.
std::variant<NeedMore, FrameHeader, Failure> parse_frame_header(std::span<const char> bytes,
                                                                const FrameRules& rules);

}  // namespace spillway::websocket
