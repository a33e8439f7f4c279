// The few socket calls that are ours: listening, accepting, the descriptor limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace spillway::net {

struct Bound {
  UniqueFd fd;
  std::uint16_t port = 0;
};

// Listens on host:port (a numeric address, or a name that resolves to one); port 0: any. Several
// loops of one process share a port by SO_REUSEPORT: the `first` socket binds without it, so that
// a second server on the same port is refused (EADDRINUSE), and gets it afterwards, so that its
// siblings may join.
enum class Share { kFirst, kSibling };
Result<Bound> listen_on(const std::string& host, std::uint16_t port, Share share);

// As listen_on(kFirst), but takes the next free port where `port` is in use (up to 100 further).
Result<Bound> listen_near(const std::string& host, std::uint16_t port);

// Raises the soft descriptor limit to the hard one; returns what holds now.
std::size_t raise_descriptor_limit();

// Whether `host` stands for every address of the machine.
bool is_wildcard(const std::string& host);

// `host` as it stands in a URL: IPv6 addresses in brackets.
std::string url_host(const std::string& host);

}  // namespace spillway::net
