// What the server says to a client, apart from `chat` (message_line.h). Each function appends
// exactly one JSON object. REQUIRES everywhere: valid UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "protocol/error_code.h"

namespace spillway::protocol {

struct Registered {
  std::string_view chat_id;
  std::string_view epoch;
  std::uint64_t seq = 0;          // the position before the messages that follow
  std::optional<bool> recovered;  // only in answer to a `since`
  std::uint64_t viewers = 0;
};

void append_welcome(std::string& out, WallTime connected_at, std::string_view server);
void append_registered(std::string& out, const Registered& registered);
void append_ack(std::string& out, std::string_view chat_id, std::string_view id, std::uint64_t seq);
void append_viewers(std::string& out, std::uint64_t viewers);

// The messages `from` to `to`, both included, will not come.
void append_gap(std::string& out, std::uint64_t from, std::uint64_t to);

// Without `redirect` the client asks the balancer.
void append_redistribute(std::string& out, std::string_view reason,
                         std::optional<std::string_view> redirect, std::uint32_t delay_ms);

// An empty `id` is left out.
void append_error(std::string& out, ErrorCode code, std::string_view message,
                  std::optional<std::uint64_t> retry_after_ms = std::nullopt,
                  std::string_view id = {});

}  // namespace spillway::protocol
