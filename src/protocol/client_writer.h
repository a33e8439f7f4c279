// What a client says, for the terminal viewer and the load harness. Each function appends exactly
// one JSON object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/position.h"

namespace spillway::protocol {

// REQUIRES: is_chat_id(chat_id).
void append_register(std::string& out, std::string_view chat_id,
                     const std::optional<Position>& since = std::nullopt,
                     std::optional<std::uint32_t> history = std::nullopt);

// Empty `id` and `data` are left out. REQUIRES: valid UTF-8; `data` is a JSON object.
void append_chat_request(std::string& out, std::string_view message, std::string_view id = {},
                         std::string_view data = {});

}  // namespace spillway::protocol
