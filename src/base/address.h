// Where an http:// or ws:// URL leads.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spillway {

struct Address {
  std::string scheme;
  std::string host;  // IPv6 without brackets
  std::string port;  // digits; where it is missing, the scheme's own
  std::string path;  // with query; at least "/"

  bool tls() const { return scheme == "wss" || scheme == "https"; }
  // For a Host header.
  std::string authority() const;
  // A path of an interface that stands at this address, whose own path goes in front; its query
  // does not.
  std::string below(std::string_view interface_path) const;
};

// Takes the schemes named, and no user or fragment. The Error says how to mend it.
Result<Address> parse_address(std::string_view url,
                              std::initializer_list<std::string_view> schemes);

}  // namespace spillway
