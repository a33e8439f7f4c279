#include "load/json_parts.h"

#include <fmt/format.h>

#include "protocol/json_writer.h"

namespace spillway::load {

std::string quoted(std::string_view text) {
  std::string out;
  protocol::append_json_string(out, text);
  return out;
}

std::string servers_json(const std::map<std::string, std::uint64_t>& servers) {
  std::string out;
  for (const auto& [url, viewers] : servers) {
    if (!out.empty()) out += ',';
    out += fmt::format("{}:{}", quoted(url), viewers);
  }
  return '{' + out + '}';
}

}  // namespace spillway::load
