#include "websocket/frame_header.h"

#include <cstring>
#include <optional>

#include "websocket/close_code.h"

namespace spillway::websocket {

namespace {

constexpr Failure broken(std::string_view reason) { return {kProtocolError, reason}; }

bool is_known(unsigned opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

// FIN, the reserved bits and the opcode.
std::optional<Failure> check_first_byte(std::uint8_t byte, const FrameRules& rules) {
  if ((byte & 0x30U) != 0) return broken("reserved bit set");
  if (!is_known(byte & 0x0FU)) return broken("reserved opcode");
  const auto opcode = static_cast<Opcode>(byte & 0x0FU);
  const bool final = (byte & 0x80U) != 0;
  const bool compressed = (byte & 0x40U) != 0;
  const bool begins = opcode == Opcode::kText || opcode == Opcode::kBinary;
  if (compressed && !(rules.deflate && begins)) return broken("unexpected RSV1");
  if (is_control(opcode)) {
    if (!final) return broken("fragmented control frame");
    return std::nullopt;
  }
  if (begins && rules.in_message) return broken("new message inside a fragmented one");
  if (!begins && !rules.in_message) return broken("continuation of no message");
  if (opcode == Opcode::kBinary && !rules.allow_binary) {
    return Failure{kUnsupportedData, "only text is spoken here"};
  }
  return std::nullopt;
}

// The mask bit and the short length.
std::optional<Failure> check_second_byte(std::uint8_t byte, Opcode opcode,
                                         const FrameRules& rules) {
  if (((byte & 0x80U) != 0) != rules.masked) {
    return broken(rules.masked ? "frame is not masked" : "frame is masked");
  }
  if (is_control(opcode) && (byte & 0x7FU) > kControlBytesMax) {
    return broken("control frame too long");
  }
  return std::nullopt;
}

std::uint64_t read_number(std::span<const char> bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8U | static_cast<std::uint8_t>(c);
  return value;
}

std::optional<Failure> check_length(const FrameHeader& header, std::size_t length_bytes,
                                    const FrameRules& rules) {
  if (header.payload_bytes >> 63U != 0) return broken("length has its top bit set");
  if (frame_header_bytes(header.payload_bytes) != 2 + length_bytes) {
    return broken("length not in its shortest form");
  }
  if (is_control(header.opcode)) return std::nullopt;
  const bool compressed = header.compressed || (rules.in_message && rules.message_compressed);
  const auto left = compressed ? rules.compressed_bytes_left : rules.plain_bytes_left;
  if (header.payload_bytes > left) return Failure{kTooBig, "message too big"};
  return std::nullopt;
}

}  // namespace

std::variant<NeedMore, FrameHeader, Failure> parse_frame_header(std::span<const char> bytes,
                                                                const FrameRules& rules) {
  if (bytes.empty()) return NeedMore{};
  const auto first = static_cast<std::uint8_t>(bytes[0]);
  if (const auto failure = check_first_byte(first, rules)) return *failure;
  FrameHeader header{.opcode = static_cast<Opcode>(first & 0x0FU),
                     .final = (first & 0x80U) != 0,
                     .compressed = (first & 0x40U) != 0};

  if (bytes.size() < 2) return NeedMore{};
  const auto second = static_cast<std::uint8_t>(bytes[1]);
  if (const auto failure = check_second_byte(second, header.opcode, rules)) return *failure;

  const std::size_t short_length = second & 0x7FU;
  const std::size_t length_bytes = short_length < 126 ? 0 : short_length == 126 ? 2 : 8;
  if (bytes.size() < 2 + length_bytes) return NeedMore{};
  header.payload_bytes =
      length_bytes == 0 ? short_length : read_number(bytes.subspan(2, length_bytes));
  if (const auto failure = check_length(header, length_bytes, rules)) return *failure;

  header.header_bytes = 2 + length_bytes + (rules.masked ? sizeof(header.mask) : 0);
  if (bytes.size() < header.header_bytes) return NeedMore{};
  if (rules.masked) {
    std::memcpy(&header.mask, bytes.data() + 2 + length_bytes, sizeof(header.mask));
  }
  return header;
}

}  // namespace spillway::websocket
