#include "load/swarm.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "base/check.h"

namespace spillway::load {
namespace {

constexpr std::size_t kOtherDescriptors = 64;  // files, epoll, what the process came with

Status allow_descriptors(std::size_t wanted) {
  rlimit limit{};
  CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  if (limit.rlim_max >= wanted + kOtherDescriptors) return ok();
  return Error{
      fmt::format("{} viewers need more than the {} descriptors this process may have; "
                  "raise the hard limit (ulimit -Hn) or take fewer",
                  wanted, limit.rlim_max)};
}

timespec to_timespec(Duration left) {
  const Duration::rep ns = std::max<Duration::rep>(left.count(), 0);
  return {ns / 1'000'000'000, ns % 1'000'000'000};
}

std::string problem(std::string_view what, int error) {
  return fmt::format("{}: {}", what, std::strerror(error));
}

}  // namespace

Swarm::Swarm(const SwarmOptions& options)
    : options_(options),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      crowd_(std::make_unique<Crowd>(options.rooms)),
      events_(kEventsMax),
      buffer_(kReadBytes) {
  CHECK(epoll_);
  seats_.reserve(options.viewers);
}

Result<Swarm> Swarm::create(const SwarmOptions& options) {
  CHECK(options.viewers > 0 && options.rooms > 0);
  if (const Status status = allow_descriptors(options.viewers); !status) return status.error();
  Swarm swarm(options);
  if (const Status status = swarm.resolve(); !status) return status.error();
  return swarm;
}

Status Swarm::resolve() {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(options_.host.c_str(), options_.port.c_str(), &hints, &found);
  if (error != 0) {
    return Error{fmt::format("{}:{}: {}", options_.host, options_.port, gai_strerror(error))};
  }
  std::memcpy(&address_, found->ai_addr, found->ai_addrlen);
  address_bytes_ = found->ai_addrlen;
  freeaddrinfo(found);
  return ok();
}

Status Swarm::connect() {
  std::size_t last = watching_;
  TimePoint deadline = Clock::now() + kConnectTimeout;
  while (watching_ < options_.viewers) {
    while (seats_.size() < options_.viewers && seats_.size() - watching_ < kConnectingMax) {
      if (const Status status = sit_down(); !status) return status;
    }
    turn(deadline);
    const TimePoint now = Clock::now();
    if (watching_ > last) deadline = now + kConnectTimeout;
    last = watching_;
    if (crowd_->tally.closed > 0) {
      return Error{fmt::format("viewer lost while {} of {} were there: {}", watching_,
                               options_.viewers, crowd_->tally.first_problem)};
    }
    if (now >= deadline) {
      return Error{fmt::format("{} of {} viewers were registered, then nothing for {} s", watching_,
                               options_.viewers, kConnectTimeout.count())};
    }
  }
  return ok();
}

// One more viewer, whose connection is on its way.
Status Swarm::sit_down() {
  UniqueFd fd(socket(address_.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return Error{problem("socket", errno)};
  const int on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const auto* address = reinterpret_cast<const sockaddr*>(&address_);
  if (::connect(fd.get(), address, address_bytes_) != 0 && errno != EINPROGRESS) {
    return Error{problem(fmt::format("connect to {}:{}", options_.host, options_.port), errno)};
  }
  const std::string host = fmt::format("{}:{}", options_.host, options_.port);
  Room& room = crowd_->rooms[seats_.size() % crowd_->rooms.size()];
  seats_.push_back({Viewer(room, host), std::move(fd)});
  watch(seats_.size() - 1, EPOLL_CTL_ADD);
  return ok();
}

void Swarm::turn(TimePoint until) {
  const timespec wait = to_timespec(until - Clock::now());
  const int ready = epoll_pwait2(epoll_.get(), events_.data(), kEventsMax, &wait, nullptr);
  CHECK(ready >= 0 || errno == EINTR);
  for (int i = 0; i < ready; ++i) {
    const epoll_event& event = events_[static_cast<std::size_t>(i)];
    serve(event.data.u64, event.events);
  }
}

void Swarm::serve(std::size_t index, std::uint32_t events) {
  Seat& seat = seats_[index];
  if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) read(seat);
  if (seat.viewer.state() == Viewer::State::kGone) return seat.fd.reset();
  if (!seat.viewer.out().empty() || seat.writing) write(index);
}

void Swarm::read(Seat& seat) {
  const Viewer::State before = seat.viewer.state();
  const ssize_t bytes = recv(seat.fd.get(), buffer_.data(), buffer_.size(), 0);
  if (bytes > 0) {
    seat.viewer.receive({buffer_.data(), static_cast<std::size_t>(bytes)}, Clock::now(), *crowd_);
  } else if (bytes == 0) {
    seat.viewer.end("the server ended the connection", *crowd_);
  } else if (errno != EAGAIN && errno != EINTR) {
    seat.viewer.end(problem("recv", errno), *crowd_);
  }
  // From here on a lost viewer is the server's doing and no failed start.
  if (before != seat.viewer.state() && seat.viewer.state() == Viewer::State::kWatching) ++watching_;
}

void Swarm::write(std::size_t index) {
  Seat& seat = seats_[index];
  const std::string_view out = seat.viewer.out();
  if (!out.empty()) {
    const ssize_t bytes = send(seat.fd.get(), out.data(), out.size(), MSG_NOSIGNAL);
    if (bytes >= 0) {
      seat.viewer.written(static_cast<std::size_t>(bytes));
    } else if (errno != EAGAIN && errno != EINTR) {
      seat.viewer.end(problem("send", errno), *crowd_);
      return seat.fd.reset();
    }
  }
  if (seat.writing == seat.viewer.out().empty()) {
    seat.writing = !seat.writing;
    watch(index, EPOLL_CTL_MOD);
  }
}

void Swarm::watch(std::size_t index, int operation) {
  const Seat& seat = seats_[index];
  epoll_event event{};
  event.events = seat.writing ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.u64 = index;
  CHECK(epoll_ctl(epoll_.get(), operation, seat.fd.get(), &event) == 0);
}

bool Swarm::say(std::size_t index, std::string_view text, std::string_view id) {
  Seat& seat = seats_[index];
  if (seat.viewer.state() != Viewer::State::kWatching) return false;
  // While it is being written to, epoll says when it goes on.
  const bool idle = seat.viewer.out().empty();
  seat.viewer.say(text, id, *crowd_);
  if (idle) write(index);
  return true;
}

std::uint64_t Swarm::missing() const {
  std::uint64_t missing = 0;
  for (const Seat& seat : seats_) missing += seat.viewer.missing();
  return missing;
}

}  // namespace spillway::load
