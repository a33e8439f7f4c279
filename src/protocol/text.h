// What a name from outside may consist of.
#pragma once

#include <cstddef>
#include <string_view>

namespace spillway::protocol {

inline constexpr std::size_t kChatIdBytesMax = 128;

bool is_utf8(std::string_view text);

// C0, DEL or C1. REQUIRES: valid UTF-8.
bool has_control_character(std::string_view text);

// 1-`bytes_max` bytes of UTF-8 without control characters, `{` and `}`: the braces are Redis
// Cluster's hash tag around it (see redis_names.h).
bool is_chat_id(std::string_view text, std::size_t bytes_max = kChatIdBytesMax);

}  // namespace spillway::protocol
