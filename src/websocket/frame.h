// Writing WebSocket frames (RFC 6455 section 5.2). Every frame written here is final: this
// server never fragments what it sends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::websocket {

enum class Opcode : std::uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

constexpr bool is_control(Opcode opcode) { return opcode >= Opcode::kClose; }

inline constexpr std::size_t kControlBytesMax = 125;
inline constexpr std::size_t kServerHeaderBytesMax = 10;  // without the 4 bytes of a mask
inline constexpr std::size_t kHeaderBytesMax = 14;

// Bytes of an unmasked header in front of that many bytes of payload: 2, 4 or 10.
std::size_t frame_header_bytes(std::uint64_t payload_bytes);

// Writes an unmasked header to `out`, which has room for kServerHeaderBytesMax bytes. Returns the
// bytes written. `compressed` sets RSV1, which is for text and binary frames only (RFC 7692).
std::size_t write_frame_header(char* out, Opcode opcode, std::uint64_t payload_bytes,
                               bool compressed = false);

// What a server sends. REQUIRES a control frame's payload <= kControlBytesMax.
void append_frame(std::string& out, Opcode opcode, std::string_view payload,
                  bool compressed = false);

// A close frame. The reason is UTF-8 and cut, between characters, to the 123 bytes that fit.
// REQUIRES may_be_sent(code), or kNoStatus for an empty frame.
void append_close(std::string& out, std::uint16_t code, std::string_view reason);

// What a client sends: the same frames under `mask`, whose bytes are taken as they lie in memory.
// RFC 6455 section 5.3 wants it fresh and unpredictable for each frame.
void append_masked_frame(std::string& out, Opcode opcode, std::string_view payload,
                         std::uint32_t mask, bool compressed = false);
void append_masked_close(std::string& out, std::uint16_t code, std::string_view reason,
                         std::uint32_t mask);

}  // namespace spillway::websocket
