// How large what a client sends may be.
#pragma once

#include <cstddef>
#include <cstdint>

#include "protocol/text.h"

namespace spillway::protocol {

struct MessageLimits {
  std::size_t message_bytes_max = 2048;  // a chat message's text, decoded
  std::size_t id_bytes_max = 64;
  std::size_t data_bytes_max = 1024;  // as sent
  unsigned data_depth_max = 8;        // `data` itself is the first level
  std::size_t chat_id_bytes_max = kChatIdBytesMax;
  std::uint32_t history_max = 200;  // more is not refused, but clamped
};

// The longest WebSocket message: every byte of the text as \u00xx, and 8 KiB for all the rest.
constexpr std::size_t websocket_message_bytes_max(std::size_t message_bytes_max) {
  return 6 * message_bytes_max + 8 * 1024;
}

}  // namespace spillway::protocol
