// Pieces of JSON that the report and its page have in common.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace spillway::load {

// A string of JSON. REQUIRES valid UTF-8.
std::string quoted(std::string_view text);

// {"ws://…":12,…}
std::string servers_json(const std::map<std::string, std::uint64_t>& servers);

}  // namespace spillway::load
