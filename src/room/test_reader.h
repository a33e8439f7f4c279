// For tests: what a viewer makes of the bytes that it got.
#pragma once

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "websocket/deflate.h"
#include "websocket/message_reader.h"

namespace spillway::room {

// The WebSocket messages in `bytes`, which end with the last of them, to a client that agreed on
// permessage-deflate.
inline std::vector<std::string> received(std::string bytes) {
  websocket::ReaderOptions options;
  options.role = websocket::ReaderOptions::Role::kClient;
  options.deflate = true;
  options.message_bytes_max = 1024 * 1024;
  websocket::MessageReader reader(options);
  websocket::Inflater inflater(15, false);
  std::vector<std::string> messages;
  std::span<char> input(bytes);
  while (true) {
    const websocket::Event event = reader.next(input, &inflater);
    if (const auto* message = std::get_if<websocket::Message>(&event)) {
      messages.emplace_back(message->payload.data(), message->payload.size());
      continue;
    }
    EXPECT_TRUE(std::holds_alternative<websocket::NeedMore>(event));
    EXPECT_TRUE(reader.idle());
    return messages;
  }
}

}  // namespace spillway::room
