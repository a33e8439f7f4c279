#include "websocket/frame.h"

#include <array>
#include <cstring>

#include "base/check.h"
#include "websocket/close_code.h"
#include "websocket/mask.h"

namespace spillway::websocket {

namespace {

constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kRsv1 = 0x40;
constexpr std::uint8_t kMasked = 0x80;

// Network byte order.
void write_number(char* out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    out[i] = static_cast<char>(value >> (8 * (bytes - 1 - i)));
  }
}

void append_header(std::string& out, Opcode opcode, std::size_t payload_bytes, bool compressed) {
  CHECK(!is_control(opcode) || (payload_bytes <= kControlBytesMax && !compressed));
  std::array<char, kServerHeaderBytesMax> header;
  out.append(header.data(), write_frame_header(header.data(), opcode, payload_bytes, compressed));
}

// The payload of a close frame.
std::string close_payload(std::uint16_t code, std::string_view reason) {
  if (code == kNoStatus) return {};
  CHECK(may_be_sent(code));
  constexpr std::size_t kReasonBytesMax = kControlBytesMax - 2;
  std::size_t bytes = reason.size();
  if (bytes > kReasonBytesMax) {
    bytes = kReasonBytesMax;
    while (bytes > 0 && (static_cast<std::uint8_t>(reason[bytes]) & 0xC0U) == 0x80U) --bytes;
  }
  std::string payload(2, '\0');
  write_number(payload.data(), code, 2);
  return payload.append(reason.substr(0, bytes));
}

}  // namespace

std::size_t frame_header_bytes(std::uint64_t payload_bytes) {
  if (payload_bytes <= 125) return 2;
  return payload_bytes <= 0xFFFF ? 4 : 10;
}

std::size_t write_frame_header(char* out, Opcode opcode, std::uint64_t payload_bytes,
                               bool compressed) {
  const auto first = static_cast<unsigned>(opcode) | kFinal | (compressed ? kRsv1 : 0U);
  out[0] = static_cast<char>(first);
  const std::size_t bytes = frame_header_bytes(payload_bytes);
  if (bytes == 2) {
    out[1] = static_cast<char>(payload_bytes);
  } else {
    out[1] = static_cast<char>(bytes == 4 ? 126 : 127);
    write_number(out + 2, payload_bytes, bytes - 2);
  }
  return bytes;
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload, bool compressed) {
  append_header(out, opcode, payload.size(), compressed);
  out.append(payload);
}

void append_close(std::string& out, std::uint16_t code, std::string_view reason) {
  append_frame(out, Opcode::kClose, close_payload(code, reason));
}

void append_masked_frame(std::string& out, Opcode opcode, std::string_view payload,
                         std::uint32_t mask, bool compressed) {
  const std::size_t begin = out.size();
  append_header(out, opcode, payload.size(), compressed);
  out[begin + 1] = static_cast<char>(static_cast<std::uint8_t>(out[begin + 1]) | kMasked);
  std::array<char, sizeof(mask)> mask_bytes;
  std::memcpy(mask_bytes.data(), &mask, sizeof(mask));
  out.append(mask_bytes.data(), mask_bytes.size());
  const std::size_t payload_begin = out.size();
  out.append(payload);
  apply_mask(std::span(out).subspan(payload_begin), mask);
}

void append_masked_close(std::string& out, std::uint16_t code, std::string_view reason,
                         std::uint32_t mask) {
  append_masked_frame(out, Opcode::kClose, close_payload(code, reason), mask);
}

}  // namespace spillway::websocket
