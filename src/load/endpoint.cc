#include "load/endpoint.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <cstring>

namespace spillway::load {
namespace {

constexpr int kOn = 1;

bool is_loopback(const Endpoint& endpoint) {
  if (endpoint.socket_address.ss_family != AF_INET) return false;
  const auto* const v4 = reinterpret_cast<const sockaddr_in*>(&endpoint.socket_address);
  return ntohl(v4->sin_addr.s_addr) >> 24U == 127;
}

// The port is chosen at connect(), when the kernel knows which ones are free towards that server.
int bind_to(int fd, unsigned last_octet) {
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl((127U << 24U) + 1 + last_octet);
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &kOn, sizeof(kOn));
  return bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof(source));
}

Error problem(const Endpoint& to, int error) {
  return {fmt::format("connect to {}: {}", to.address.authority(), std::strerror(error))};
}

}  // namespace

Result<Endpoint> resolve(Address address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found);
  if (error != 0) return Error{fmt::format("{}: {}", address.authority(), gai_strerror(error))};
  // `localhost` is both; our servers listen on 127.0.0.1 unless they are told otherwise.
  const addrinfo* chosen = found;
  while (chosen->ai_family != AF_INET && chosen->ai_next != nullptr) chosen = chosen->ai_next;
  if (chosen->ai_family != AF_INET) chosen = found;
  Endpoint endpoint;
  endpoint.address = std::move(address);
  std::memcpy(&endpoint.socket_address, chosen->ai_addr, chosen->ai_addrlen);
  endpoint.socket_address_bytes = chosen->ai_addrlen;
  freeaddrinfo(found);
  return endpoint;
}

Result<UniqueFd> Sources::connect(const Endpoint& to) {
  const bool many = is_loopback(to);
  for (unsigned tries = 0; tries < kOctets; ++tries) {
    UniqueFd fd(socket(to.socket_address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) return problem(to, errno);
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof(kOn));
    if (many && bind_to(fd.get(), last_octet_) != 0) return problem(to, errno);
    const auto* address = reinterpret_cast<const sockaddr*>(&to.socket_address);
    if (::connect(fd.get(), address, to.socket_address_bytes) == 0 || errno == EINPROGRESS) {
      return fd;
    }
    if (!many || errno != EADDRNOTAVAIL) return problem(to, errno);
    last_octet_ = (last_octet_ + 1) % kOctets;
  }
  return problem(to, EADDRNOTAVAIL);
}

void shrink_receive_buffer(int fd) {
  constexpr int kBytes = 4096;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kBytes, sizeof(kBytes));
}

}  // namespace spillway::load
