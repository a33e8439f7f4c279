// A server's address as a socket takes it, and non-blocking connections to it.
#pragma once

#include <sys/socket.h>

#include <string>

#include "base/address.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace spillway::load {

struct Endpoint {
  Address address;
  sockaddr_storage socket_address{};
  socklen_t socket_address_bytes = 0;
};

// May ask the name service, and waits for it.
Result<Endpoint> resolve(Address address);

// Our side's addresses. One of them has 28,000 ports towards one server, and loopback has 16
// million of them (127.0.0.0/8), so there the next is taken when one has no port left. Owned by an
// engine, its thread.
class Sources {
 public:
  // Engines that begin at different ones do not get in each other's way.
  explicit Sources(unsigned first) : last_octet_(first % kOctets) {}

  // A connection on its way to `to`.
  Result<UniqueFd> connect(const Endpoint& to);

 private:
  static constexpr unsigned kOctets = 250;
  unsigned last_octet_;  // 127.0.0.(1 + this)
};

// Small, so that a viewer that does not read is soon felt by the server.
void shrink_receive_buffer(int fd);

}  // namespace spillway::load
