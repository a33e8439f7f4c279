// Where Redis is, as the person who runs the process writes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spillway::redis {

struct HostPort {
  std::string host;  // a name or an address; IPv6 without brackets
  std::uint16_t port = 0;
  friend bool operator==(const HostPort&, const HostPort&) = default;
};

struct Url {
  enum class Kind { kTcp, kTls, kUnix, kSentinel };
  Kind kind = Kind::kTcp;
  std::string host;  // kTcp, kTls
  std::uint16_t port = 6379;
  std::string path;  // kUnix: the socket's
  std::string user;  // empty: Redis's default user
  std::string password;
  int database = 0;
  std::string ca_file;              // kTls: trust this PEM file instead of the system's authorities
  std::vector<HostPort> sentinels;  // kSentinel
  std::string master_name;          // kSentinel
};

// Takes
//   redis://[[user]:pass@]host[:port][/db]
//   rediss://[[user]:pass@]host[:port][/db][?ca=/file.pem]
//   unix://[[user]:pass@]/path[?db=N]
//   redis+sentinel://[[user]:pass@]host[:port],host[:port]/name[/db]
// A Sentinel URL's user, password and database are the master's.
// User, password, path, name and the CA file may be percent-encoded. The Error says how to mend it
// and never repeats the password.
Result<Url> parse_url(std::string_view text);

// For logs and error sentences: the address without user and password.
std::string display(const Url& url);
std::string display(const HostPort& to);

// What a Sentinel's master is reached by: REQUIRES url.kind == kSentinel.
Url master_url(const Url& url, const HostPort& master);

}  // namespace spillway::redis
