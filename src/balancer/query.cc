#include "balancer/query.h"

#include <algorithm>
#include <charconv>

namespace spillway::balancer {

std::optional<std::string_view> find_parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) == name) return pair.substr(std::min(equals + 1, pair.size()));
  }
  return std::nullopt;
}

std::optional<std::string> percent_decoded(std::string_view value) {
  std::string decoded;
  decoded.reserve(value.size());
  for (std::size_t at = 0; at < value.size(); ++at) {
    if (value[at] != '%') {
      decoded += value[at] == '+' ? ' ' : value[at];
      continue;
    }
    if (value.size() - at < 3) return std::nullopt;
    const char* const digits = value.data() + at + 1;
    unsigned char byte = 0;
    const auto [stop, problem] = std::from_chars(digits, digits + 2, byte, 16);
    if (problem != std::errc() || stop != digits + 2) return std::nullopt;
    decoded += static_cast<char>(byte);
    at += 2;
  }
  return decoded;
}

}  // namespace spillway::balancer
