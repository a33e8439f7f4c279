#include "base/address.h"

#include <fmt/core.h>

#include <algorithm>

namespace spillway {
namespace {

std::string_view default_port(std::string_view scheme) {
  return scheme == "wss" || scheme == "https" ? "443" : "80";
}

bool is_port(std::string_view text) {
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits && !text.empty() && text.size() <= 5 && std::stoi(std::string(text)) <= 65'535;
}

bool is_plain(std::string_view text) {  // goes into a request line
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// Splits "host:port" or "[::1]:port".
bool split(std::string_view authority, Address& address) {
  std::string_view rest;
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return false;
    address.host = authority.substr(1, end - 1);
    rest = authority.substr(end + 1);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    address.host = authority.substr(0, colon);
    rest = authority.substr(colon);
  }
  if (!rest.empty()) {
    if (rest.front() != ':' || !is_port(rest.substr(1))) return false;
    address.port = rest.substr(1);
  }
  return !address.host.empty() && address.host.find('@') == std::string::npos;
}

}  // namespace

std::string Address::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == default_port(scheme) ? name : name + ":" + port;
}

std::string Address::below(std::string_view interface_path) const {
  std::string whole = path.substr(0, path.find('?'));
  while (!whole.empty() && whole.back() == '/') whole.pop_back();
  return whole.append(interface_path);
}

Result<Address> parse_address(std::string_view url,
                              std::initializer_list<std::string_view> schemes) {
  std::string example;
  for (const std::string_view scheme : schemes) {
    example += fmt::format("{}{}://HOST:PORT", example.empty() ? "" : " or ", scheme);
  }
  const Error wrong{fmt::format("'{}' is not such a URL; write {}", url, example)};
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos || !is_plain(url)) return wrong;
  Address address;
  address.scheme = url.substr(0, colon);
  if (std::find(schemes.begin(), schemes.end(), address.scheme) == schemes.end()) return wrong;
  url.remove_prefix(colon + 3);
  const std::size_t slash = std::min(url.find_first_of("/?#"), url.size());
  address.port = default_port(address.scheme);
  if (!split(url.substr(0, slash), address)) return wrong;
  address.path = url.substr(slash, url.find('#') - slash);
  if (address.path.empty() || address.path.front() != '/') address.path.insert(0, "/");
  return address;
}

}  // namespace spillway
