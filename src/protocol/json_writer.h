// JSON is written by appending to a string that the caller keeps and reuses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::protocol {

// With quotes, in the shortest valid form. REQUIRES: valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

void append_number(std::string& out, std::uint64_t number);
void append_number(std::string& out, std::int64_t number);

}  // namespace spillway::protocol
