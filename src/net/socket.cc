#include "net/socket.h"

#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace spillway::net {
namespace {

constexpr int kBacklog = 4096;
constexpr std::uint16_t kPortsTried = 100;
// What the kernel keeps for a viewer beyond what is on its way to it. By itself it would take
// megabytes for one that has stopped reading, while the room's ring has all of it anyway. Twice a
// flush's most, so that a viewer who reads never notices.
constexpr int kUnsentBytesMax = 512 * 1024;

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Result<Addresses> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* list = nullptr;
  const std::string service = std::to_string(port);
  const char* const node = host.empty() ? nullptr : host.c_str();
  if (const int problem = ::getaddrinfo(node, service.c_str(), &hints, &list); problem != 0) {
    return Error{fmt::format("--host {}: {}", host, ::gai_strerror(problem))};
  }
  return Addresses(list);
}

std::uint16_t port_of(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&address)->sin6_port
                                             : reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

void set(int fd, int level, int option, int value = 1) {
  ::setsockopt(fd, level, option, &value, sizeof value);
}

// One attempt; errno says what went wrong.
UniqueFd try_listen(const addrinfo& address, Share share) {
  UniqueFd fd(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fd;
  set(fd.get(), SOL_SOCKET, SO_REUSEADDR);
  if (share == Share::kSibling) set(fd.get(), SOL_SOCKET, SO_REUSEPORT);
  if (::bind(fd.get(), address.ai_addr, address.ai_addrlen) != 0) return UniqueFd();
  if (share == Share::kFirst) set(fd.get(), SOL_SOCKET, SO_REUSEPORT);
  // What is accepted inherits these.
  set(fd.get(), IPPROTO_TCP, TCP_NODELAY);
  set(fd.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentBytesMax);
  if (::listen(fd.get(), kBacklog) != 0) return UniqueFd();
  return fd;
}

struct Attempt {
  UniqueFd fd;
  int error = 0;
};

Result<Attempt> attempt(const std::string& host, std::uint16_t port, Share share) {
  const auto addresses = resolve(host, port);
  if (!addresses) return addresses.error();
  errno = 0;
  UniqueFd fd = try_listen(**addresses, share);
  const int error = errno;
  return Attempt{std::move(fd), error};
}

Error listen_error(const std::string& host, std::uint16_t port, int error) {
  return Error{fmt::format("cannot listen on {}:{}: {}; choose another --port or --host",
                           url_host(host), port, std::strerror(error))};
}

}  // namespace

Result<Bound> listen_on(const std::string& host, std::uint16_t port, Share share) {
  auto tried = attempt(host, port, share);
  if (!tried) return tried.error();
  if (!tried->fd) return listen_error(host, port, tried->error);
  const std::uint16_t bound = port_of(tried->fd.get());
  return Bound{std::move(tried->fd), bound};
}

Result<Bound> listen_near(const std::string& host, std::uint16_t port) {
  for (std::uint16_t offset = 0;; ++offset) {
    const auto candidate = static_cast<std::uint16_t>(port + offset);
    auto tried = attempt(host, candidate, Share::kFirst);
    if (!tried) return tried.error();
    if (tried->fd) {
      const std::uint16_t bound = port_of(tried->fd.get());
      return Bound{std::move(tried->fd), bound};
    }
    const bool last = offset == kPortsTried || candidate == 65535 || port == 0;
    if (tried->error != EADDRINUSE || last) return listen_error(host, candidate, tried->error);
  }
}

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_cur < limit.rlim_max) {
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
  }
  return static_cast<std::size_t>(limit.rlim_cur);
}

bool is_wildcard(const std::string& host) {
  return host.empty() || host == "0.0.0.0" || host == "::" || host == "*";
}

std::string url_host(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace spillway::net
