// What stands before a message's own JSON on the wire: {"type":"chat","seq":42,
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace spillway::protocol {

inline constexpr std::string_view kChatPrefixHead = R"({"type":"chat","seq":)";
inline constexpr std::size_t kChatPrefixBytesMax = kChatPrefixHead.size() + 20 + 1;

// Writes the prefix to `out`, which has kChatPrefixBytesMax bytes; returns its length. The rest of
// the message is its bus line without the opening brace.
inline std::size_t write_chat_prefix(char* out, std::uint64_t seq) {
  std::memcpy(out, kChatPrefixHead.data(), kChatPrefixHead.size());
  char* const digits = out + kChatPrefixHead.size();
  char* const end = std::to_chars(digits, digits + 20, seq).ptr;
  *end = ',';
  return static_cast<std::size_t>(end + 1 - out);
}

}  // namespace spillway::protocol
