#include "load/swarm.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include "base/check.h"
#include "base/terminal_text.h"
#include "websocket/close_code.h"

namespace spillway::load {
namespace {

constexpr std::size_t kOtherDescriptors = 256;  // files, epoll, the balancer, what it came with

// Events of the provisioner's lines; those of wires are below.
constexpr std::uint64_t kProvisioner = std::uint64_t{1} << 63U;

// A wire's name in epoll: a connection that is gone has another generation.
std::uint64_t key_of(std::uint32_t seat, unsigned link, std::uint32_t generation) {
  return std::uint64_t{generation & 0x3fffffffU} << 33U | std::uint64_t{seat} << 1U | link;
}

timespec to_timespec(Duration left) {
  const Duration::rep ns = std::max<Duration::rep>(left.count(), 0);
  return {ns / 1'000'000'000, ns % 1'000'000'000};
}

}  // namespace

std::size_t viewers_per_process_max() {
  rlimit limit{};
  CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  return limit.rlim_max > kOtherDescriptors ? limit.rlim_max - kOtherDescriptors : 1;
}

Swarm::Swarm(Crowd& crowd, std::optional<Endpoint> balancer, unsigned first_source,
             std::uint64_t slow_bytes_per_second)
    : crowd_(crowd),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      sources_(first_source),
      slow_bytes_(std::max<std::size_t>(slow_bytes_per_second * kSlowReads.count() / 1000, 1)),
      events_(kEventsMax),
      buffer_(kReadBytes) {
  CHECK(epoll_);
  if (balancer) provisioner_.emplace(epoll_.get(), kProvisioner, std::move(*balancer));
}

void Swarm::add(Viewer viewer) {
  if (viewer.slow()) slow_.push_back(static_cast<std::uint32_t>(seats_.size()));
  seats_.push_back({std::move(viewer), {}});
}

void Swarm::act(std::uint32_t seat, const Seek&) {
  CHECK(provisioner_);
  provisioner_->ask(seat, viewer(seat).room().name, Clock::now());
}

void Swarm::act(std::uint32_t seat, const Connect& connect) {
  openings_.push({seat, connect.link, server_of(connect.url)});
}

void Swarm::act(std::uint32_t seat, const Drop& drop) {
  close(seats_[seat].wires[drop.link], true);
}

std::uint16_t Swarm::server_of(const std::string& url) {
  const auto [known, is_new] =
      server_numbers_.emplace(url, static_cast<std::uint16_t>(servers_.size()));
  if (!is_new) return known->second;
  const std::size_t share = std::min(servers_.size(), Tally::kServersMax - 1);
  servers_.push_back({url, look_up(url), Clock::now(), &crowd_.tally->servers[share].viewers});
  crowd_.tally->servers[share].url.set(harmless(url));
  return known->second;
}

Result<Endpoint> Swarm::look_up(const std::string& url) {
  auto address = parse_address(url, {"ws"});
  if (!address) return Error{fmt::format("{}: the load speaks plain ws:// only", url)};
  return resolve(std::move(*address));
}

// A name that led nowhere may lead somewhere by now.
const Result<Endpoint>& Swarm::endpoint_of(Server& server) {
  const TimePoint now = Clock::now();
  if (!server.endpoint && now - server.looked_up >= kLookUpAgain) {
    server.endpoint = look_up(server.url);
    server.looked_up = now;
  }
  return server.endpoint;
}

// No more at once than a listener's backlog holds.
void Swarm::open_some() {
  while (!openings_.empty() && connecting_ < kConnectingMax) open(openings_.pop());
}

void Swarm::open(const Opening& opening) {
  Seat& seat = seats_[opening.seat];
  if (!seat.viewer.awaits(opening.link)) return;  // it has changed its mind
  const Result<Endpoint>& endpoint = endpoint_of(servers_[opening.server]);
  const bool known = endpoint.has_value();
  seat.viewer.connect(opening.link, known ? endpoint->address.authority() : "x",
                      known ? endpoint->address.path : "/", Clock::now(), crowd_);
  if (!known) return seat.viewer.lost(opening.link, endpoint.error().message, crowd_);
  Result<UniqueFd> fd = sources_.connect(*endpoint);
  if (!fd) return seat.viewer.lost(opening.link, fd.error().message, crowd_);
  Wire& wire = seat.wires[opening.link];
  wire.fd = std::move(*fd);
  ++wire.generation;
  wire.server = opening.server;
  wire.writing = true;
  wire.opening = true;
  ++connecting_;
  servers_[wire.server].viewers->add(1);
  watch(opening.seat, opening.link, EPOLL_CTL_ADD);
}

// It has its answer: another one may be on the way instead.
void Swarm::opened(Wire& wire) {
  if (std::exchange(wire.opening, false)) --connecting_;
}

void Swarm::turn(TimePoint until) {
  open_some();
  const TimePoint wake = slow_.empty() ? until : std::min(until, next_slow_read_);
  const timespec wait = to_timespec(wake - Clock::now());
  const int ready = epoll_pwait2(epoll_.get(), events_.data(), kEventsMax, &wait, nullptr);
  CHECK(ready >= 0 || errno == EINTR);
  for (int i = 0; i < ready; ++i) serve(events_[static_cast<std::size_t>(i)]);
  if (!slow_.empty()) read_slowly(Clock::now());
  hand_out_answers();
}

void Swarm::serve(const epoll_event& event) {
  const std::uint64_t key = event.data.u64;
  if ((key & kProvisioner) != 0) {
    return provisioner_->on_ready(key & ~kProvisioner, Clock::now());
  }
  const auto seat = static_cast<std::uint32_t>(key >> 1U);
  const auto link = static_cast<unsigned>(key & 1U);
  const Wire& wire = seats_[seat].wires[link];
  if (!wire.fd || key != key_of(seat, link, wire.generation)) return;
  if ((event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) read(seat, link, kReadBytes);
  if (wire.fd && wire.writing) write(seat, link);
  write(seat);  // an answer on one connection may let it speak on the other
}

void Swarm::read(std::uint32_t index, unsigned link, std::size_t bytes_max) {
  Seat& seat = seats_[index];
  Wire& wire = seat.wires[link];
  const ssize_t bytes = recv(wire.fd.get(), buffer_.data(), bytes_max, 0);
  if (bytes == 0) return lose(index, link, "the server ended the connection");
  if (bytes < 0) {
    if (errno != EAGAIN && errno != EINTR) lose(index, link, std::strerror(errno));
    return;
  }
  const std::span<char> input(buffer_.data(), static_cast<std::size_t>(bytes));
  seat.viewer.receive(link, input, Clock::now(), crowd_);
  if (!wire.opening || seat.viewer.state() != Viewer::State::kWatching) return;
  opened(wire);
  if (!seat.viewer.slow()) return;
  wire.slow = true;
  shrink_receive_buffer(wire.fd.get());
  watch(index, link, EPOLL_CTL_MOD);
}

// What a slow line brings in a quarter of a second; the rest stays with the server.
void Swarm::read_slowly(TimePoint now) {
  if (now < next_slow_read_) return;
  next_slow_read_ = now + kSlowReads;
  for (const std::uint32_t seat : slow_) {
    for (const unsigned link : {0U, 1U}) {
      if (seats_[seat].wires[link].slow) read(seat, link, slow_bytes_);
    }
    write(seat);
  }
}

void Swarm::write(std::uint32_t seat) {
  for (const unsigned link : {0U, 1U}) {
    const Wire& wire = seats_[seat].wires[link];
    // While it is being written to, epoll says when it goes on.
    if (wire.fd && !wire.writing && !viewer(seat).out(link).empty()) write(seat, link);
  }
}

void Swarm::write(std::uint32_t index, unsigned link) {
  Seat& seat = seats_[index];
  Wire& wire = seat.wires[link];
  const std::string_view out = seat.viewer.out(link);
  if (!out.empty()) {
    const ssize_t bytes = send(wire.fd.get(), out.data(), out.size(), MSG_NOSIGNAL);
    if (bytes >= 0) {
      seat.viewer.written(link, static_cast<std::size_t>(bytes));
    } else if (errno != EAGAIN && errno != EINTR) {
      return lose(index, link, std::strerror(errno));
    }
  }
  if (wire.writing == seat.viewer.out(link).empty()) {
    wire.writing = !wire.writing;
    watch(index, link, EPOLL_CTL_MOD);
  }
}

void Swarm::watch(std::uint32_t seat, unsigned link, int operation) {
  const Wire& wire = seats_[seat].wires[link];
  epoll_event event{};
  event.events = (wire.slow ? 0U : EPOLLIN) | (wire.writing ? EPOLLOUT : 0U);
  event.data.u64 = key_of(seat, link, wire.generation);
  CHECK(epoll_ctl(epoll_.get(), operation, wire.fd.get(), &event) == 0);
}

void Swarm::lose(std::uint32_t seat, unsigned link, std::string_view why) {
  close(seats_[seat].wires[link], false);
  viewer(seat).lost(link, why, crowd_);
}

void Swarm::close(Wire& wire, bool politely) {
  if (!wire.fd) return;
  opened(wire);
  if (politely && !wire.writing) {
    std::string frame;
    websocket::append_masked_close(frame, websocket::kNormal, "", crowd_.mask());
    // Best effort: who leaves owes a server that is stuck nothing.
    [[maybe_unused]] const ssize_t sent =
        send(wire.fd.get(), frame.data(), frame.size(), MSG_NOSIGNAL);
  }
  Count& viewers = *servers_[wire.server].viewers;
  viewers.set(viewers.get() - 1);
  wire.slow = false;
  wire.fd.reset();
}

void Swarm::hand_out_answers() {
  if (!provisioner_) return;
  for (const Provision& answer : std::exchange(provisioner_->answers(), {})) {
    if (answer.url) {
      viewer(answer.viewer).found(*answer.url, crowd_);
    } else {
      viewer(answer.viewer).not_found(answer.url.error().message, crowd_);
    }
  }
}

void Swarm::sweep(TimePoint now, bool silence_is_loss) {
  if (provisioner_) provisioner_->sweep(now);
  for (std::uint32_t seat = 0; seat < seats_.size(); ++seat) {
    for (const unsigned link : {0U, 1U}) {
      const Wire& wire = seats_[seat].wires[link];
      if (!wire.fd) continue;
      const Duration silent = now - viewer(seat).heard(link);
      if (wire.opening && silent > kConnectTimeout) {
        lose(seat, link, fmt::format("{}: no answer within 10 s", servers_[wire.server].url));
      } else if (silence_is_loss && !wire.slow && silent > kSilenceMax) {
        lose(seat, link, "nothing heard for 40 s");
      }
    }
  }
}

void Swarm::hang_up() {
  for (Seat& seat : seats_) {
    for (Wire& wire : seat.wires) close(wire, true);
  }
}

}  // namespace spillway::load
