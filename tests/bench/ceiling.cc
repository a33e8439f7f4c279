#include "ceiling.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/unique_fd.h"
#include "load/process_meter.h"
#include "net/uring_writer.h"

namespace spillway::bench {
namespace {

Error failed(std::string_view what) {
  return Error{fmt::format("{}: {}", what, std::strerror(errno))};
}

void pin(int core) {
  if (core < 0) return;
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<std::size_t>(core), &cores);
  sched_setaffinity(0, sizeof(cores), &cores);
}

void allow_all_descriptors() {
  rlimit limit{};
  CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

sockaddr_in loopback() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const sockaddr* as_sockaddr(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// The child: connects, then reads and forgets until the last socket is closed.
[[noreturn]] void read_all(const sockaddr_in& address, std::size_t sockets, int core) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pin(core);
  const UniqueFd epoll(epoll_create1(0));
  for (std::size_t i = 0; i < sockets; ++i) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, as_sockaddr(address), sizeof(address)) != 0) _exit(1);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event);
  }
  std::vector<char> buffer(256 * 1024);
  std::array<epoll_event, 256> events{};
  for (std::size_t open = sockets; open > 0;) {
    const int ready = epoll_wait(epoll.get(), events.data(), events.size(), -1);
    for (int i = 0; i < ready; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT) != 0) continue;
      close(fd);
      --open;
    }
  }
  _exit(0);
}

// What the reader must not outlive.
class Reader {
 public:
  Reader(const sockaddr_in& address, const CeilingOptions& options) : pid_(fork()) {
    if (pid_ == 0) read_all(address, options.sockets, options.reader_core);
  }
  ~Reader() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  bool started() const { return pid_ > 0; }

 private:
  pid_t pid_;
};

Result<std::vector<UniqueFd>> accept_all(int listener, std::size_t sockets) {
  std::vector<UniqueFd> accepted;
  accepted.reserve(sockets);
  // The reader failed if nobody comes.
  const timeval patience{5, 0};
  setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  while (accepted.size() < sockets) {
    UniqueFd fd(accept4(listener, nullptr, nullptr, SOCK_NONBLOCK));
    if (!fd) return failed(fmt::format("accept of socket {}", accepted.size() + 1));
    accepted.push_back(std::move(fd));
  }
  return accepted;
}

Result<std::unique_ptr<net::BatchWriter>> open_writer(const CeilingOptions& options) {
  if (!options.uring) return std::unique_ptr<net::BatchWriter>(new net::SendWriter);
  auto writer = net::UringWriter::create();
  if (!writer) return Error{fmt::format("io_uring: {}", writer.error().message)};
  return std::unique_ptr<net::BatchWriter>(std::move(*writer));
}

Result<CeilingResult> write_all(const std::vector<UniqueFd>& sockets,
                                const CeilingOptions& options) {
  std::string message(options.bytes, 'x');
  std::array<iovec, 1> piece{{{message.data(), message.size()}}};
  auto writer = open_writer(options);
  if (!writer) return writer.error();
  std::vector<net::WriteJob> jobs;
  for (const UniqueFd& fd : sockets) jobs.push_back({fd.get(), piece, 0});
  CeilingResult result;
  const Result<Duration> cpu_before = load::cpu_time(getpid());
  const TimePoint begin = Clock::now();
  const TimePoint end = begin + options.duration;
  while (Clock::now() < end) {
    (*writer)->write(jobs);
    for (const net::WriteJob& job : jobs) {
      if (job.result > 0) {
        ++result.writes;
      } else if (job.result == -EAGAIN) {
        ++result.full;
      } else {
        return Error{fmt::format("write: {}", std::strerror(static_cast<int>(-job.result)))};
      }
    }
  }
  result.took = Clock::now() - begin;
  result.writer_cpu = *load::cpu_time(getpid()) - *cpu_before;
  return result;
}

}  // namespace

Result<CeilingResult> measure_ceiling(const CeilingOptions& options) {
  allow_all_descriptors();
  UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback();
  socklen_t bytes = sizeof(address);
  if (!listener || bind(listener.get(), as_sockaddr(address), bytes) != 0 ||
      listen(listener.get(), 4096) != 0 ||
      getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &bytes) != 0) {
    return failed("listen on 127.0.0.1");
  }
  const Reader reader(address, options);
  if (!reader.started()) return failed("fork");
  pin(options.writer_core);
  const Result<std::vector<UniqueFd>> sockets = accept_all(listener.get(), options.sockets);
  if (!sockets) return sockets.error();
  return write_all(*sockets, options);
}

}  // namespace spillway::bench
