#include "net/listener.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace spillway::net {
namespace {

// Descriptors may also be freed by others in the process (Redis links, other loops).
constexpr std::chrono::seconds kRetry{1};

bool out_of_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Listener::Listener(boost::asio::io_context& context, UniqueFd fd, ConnectionBudget& budget,
                   Log& log, OnAccept on_accept)
    : socket_(context.get_executor(), fd.release()),
      retry_(context.get_executor()),
      budget_(budget),
      log_(log),
      on_accept_(std::move(on_accept)) {}

void Listener::descriptor_freed() {
  affinity_.check();
  if (!paused_ || !socket_.is_open()) return;
  paused_ = false;
  retry_.cancel();
  arm();
}

void Listener::close() {
  affinity_.check();
  retry_.cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Listener::arm() {
  socket_.async_wait(Descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (!error) accept_some();
  });
}

void Listener::accept_some() {
  for (int i = 0; i < kAcceptsPerTurn && socket_.is_open(); ++i) {
    if (!budget_.take()) return pause("--connections-max reached", 0);
    UniqueFd fd(::accept4(socket_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) {
      const int error = errno;
      budget_.give_back();
      if (error == EAGAIN) {
        said_ = false;
        break;
      }
      if (out_of_resources(error)) return pause("out of descriptors or memory", error);
      continue;  // ECONNABORTED and the like: that one is gone, the next may be fine
    }
    ++accepted_;
    on_accept_(std::move(fd));
  }
  if (socket_.is_open()) arm();
}

void Listener::pause(const char* why, int problem) {
  paused_ = true;
  ++pauses_;
  if (!said_) {
    log_.warn("accepting paused", {{"why", why},
                                   {"error", problem == 0 ? "none" : std::strerror(problem)},
                                   {"resumes", "when a viewer leaves"}});
  }
  said_ = true;
  retry_.expires_after(kRetry);
  retry_.async_wait([this](const boost::system::error_code& error) {
    if (!error) descriptor_freed();
  });
}

}  // namespace spillway::net
