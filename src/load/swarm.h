// Many simulated viewers on one epoll loop.
#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "load/crowd.h"
#include "load/viewer.h"

namespace spillway::load {

struct SwarmOptions {
  std::string host = "127.0.0.1";
  std::string port;
  std::size_t viewers = 1;
  std::size_t rooms = 1;  // viewer i is in room i modulo rooms
};

// Plain epoll and not Asio: what the load costs is taken from what can be measured. Lives on the
// thread that made it and does something only inside its functions. Bounded by the descriptor
// limit, at whose soft side it pulls.
class Swarm {
 public:
  static Result<Swarm> create(const SwarmOptions& options);

  // Connects and registers all of them, kConnectingMax at a time; an Error as soon as one of them
  // fails, or if nothing moves for kConnectTimeout.
  Status connect();

  // Waits at most until `until` for something to read, and serves what is there. Returns soon:
  // who sends on schedule must have its turn.
  void turn(TimePoint until);

  // Publishes through one viewer. False, and nothing said, if it is gone.
  bool say(std::size_t viewer, std::string_view text, std::string_view id);

  std::size_t size() const { return seats_.size(); }
  Crowd& crowd() { return *crowd_; }

  // Messages that viewers should have got by now and did not.
  std::uint64_t missing() const;

 private:
  static constexpr std::size_t kConnectingMax = 128;  // below any listener's backlog
  static constexpr std::chrono::seconds kConnectTimeout{10};
  static constexpr std::size_t kEventsMax = 64;
  static constexpr std::size_t kReadBytes = 256 * 1024;

  struct Seat {
    Viewer viewer;
    UniqueFd fd;
    bool writing = true;  // epoll reports when it can be written to
  };

  explicit Swarm(const SwarmOptions& options);
  Status resolve();
  Status sit_down();
  void serve(std::size_t seat, std::uint32_t events);
  void read(Seat& seat);
  void write(std::size_t index);
  void watch(std::size_t index, int operation);

  SwarmOptions options_;
  sockaddr_storage address_{};
  socklen_t address_bytes_ = 0;
  UniqueFd epoll_;
  std::unique_ptr<Crowd> crowd_;  // viewers point at its rooms
  std::vector<Seat> seats_;
  std::size_t watching_ = 0;  // have registered, whatever became of them
  std::vector<epoll_event> events_;
  std::vector<char> buffer_;  // what is read at once; shared by all
};

}  // namespace spillway::load
