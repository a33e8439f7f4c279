// The key and its answer in the opening handshake (RFC 6455 section 4.2.2).
#pragma once

#include <string>
#include <string_view>

namespace spillway::websocket {

// Whether `key` is the base64 of 16 bytes.
bool is_key(std::string_view key);

// Sec-WebSocket-Accept for a Sec-WebSocket-Key: base64(SHA-1(key + GUID)).
std::string accept_value(std::string_view key);

// A key for a client's request, from the kernel's generator.
std::string random_key();

}  // namespace spillway::websocket
