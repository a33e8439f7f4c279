// One chat message as JSON without `type` and `seq`: the form in which it crosses the bus and is
// logged. It is written once, by the server that accepted the message; every server and viewer
// gets the same bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::protocol {

// {"id":"x","ts":1,"message":"hello","data":{...}}, on one line; `id` and `data` are left out where
// empty. REQUIRES: valid UTF-8; `data` is a JSON object as ClientMessageParser hands it out.
void append_message_line(std::string& out, std::string_view id, std::int64_t ts_ms,
                         std::string_view message, std::string_view data);

// What a viewer gets: {"type":"chat","seq":42, and the rest of `line`.
// REQUIRES: a line as parse_batch() lets through.
void append_chat(std::string& out, std::uint64_t seq, std::string_view line);

// The `ts` of a line, where it has one in the place where append_message_line() puts it.
std::optional<std::int64_t> line_timestamp(std::string_view line);

}  // namespace spillway::protocol
