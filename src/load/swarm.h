// The connections of one engine's viewers on one epoll loop: the driver of load/viewer.h.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/fifo.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "load/crowd.h"
#include "load/endpoint.h"
#include "load/provisioner.h"
#include "load/viewer.h"

namespace spillway::load {

// Raises the soft descriptor limit to the hard one, and returns how many viewers a process may
// then have.
std::size_t viewers_per_process_max();

// Plain epoll and not Asio: what the load costs is taken from what can be measured. Owned by an
// engine, its thread. Bounded by its viewers and by the descriptor limit.
class Swarm {
 public:
  // `balancer`: of none if all viewers go to one server. `first_source`: see Sources.
  Swarm(Crowd& crowd, std::optional<Endpoint> balancer, unsigned first_source,
        std::uint64_t slow_bytes_per_second);

  void reserve(std::size_t viewers) { seats_.reserve(viewers); }
  // Viewers are named by their place, from 0.
  void add(Viewer viewer);
  std::size_t size() const { return seats_.size(); }
  Viewer& viewer(std::uint32_t seat) { return seats_[seat].viewer; }
  const Viewer& viewer(std::uint32_t seat) const { return seats_[seat].viewer; }

  // What a viewer asked for; see crowd.h.
  void act(std::uint32_t seat, const Seek& seek);
  void act(std::uint32_t seat, const Connect& connect);
  void act(std::uint32_t seat, const Drop& drop);

  // Something was put into viewers' out() from outside: writes it.
  void write(std::uint32_t seat);

  // Waits at most until `until` for something to happen, and serves what did. Returns soon: who
  // sends on schedule must have its turn.
  void turn(TimePoint until);

  // Ends what is silent for too long. Called now and then.
  void sweep(TimePoint now, bool silence_is_loss);

  // A close frame to every server, where that takes no waiting; then all connections are closed.
  void hang_up();

 private:
  static constexpr std::size_t kConnectingMax = 128;  // below any listener's backlog
  static constexpr std::chrono::seconds kConnectTimeout{10};
  static constexpr std::chrono::seconds kSilenceMax{40};  // a server speaks at least every 25 s
  static constexpr std::chrono::seconds kLookUpAgain{1};  // at most, since it holds all up
  static constexpr std::chrono::milliseconds kSlowReads{250};
  static constexpr std::size_t kEventsMax = 64;
  static constexpr std::size_t kReadBytes = 256 * 1024;

  // The I/O side of one of a viewer's connections.
  struct Wire {
    UniqueFd fd;
    std::uint32_t generation = 0;  // events of an earlier connection are told apart by it
    std::uint16_t server = 0;
    bool writing = false;  // epoll reports when it can be written to
    bool opening = false;  // counts as connecting
    bool slow = false;     // is read by the clock
  };
  struct Seat {
    Viewer viewer;
    std::array<Wire, 2> wires;
  };
  struct Server {
    std::string url;
    Result<Endpoint> endpoint;
    TimePoint looked_up;  // the last time
    Count* viewers;       // in the tally
  };
  struct Opening {  // waits for its turn to connect
    std::uint32_t seat;
    std::uint8_t link;
    std::uint16_t server;
  };

  static Result<Endpoint> look_up(const std::string& url);
  const Result<Endpoint>& endpoint_of(Server& server);
  std::uint16_t server_of(const std::string& url);
  void open_some();
  void open(const Opening& opening);
  void opened(Wire& wire);
  void serve(const epoll_event& event);
  void read(std::uint32_t seat, unsigned link, std::size_t bytes_max);
  void read_slowly(TimePoint now);
  void write(std::uint32_t seat, unsigned link);
  void watch(std::uint32_t seat, unsigned link, int operation);
  void lose(std::uint32_t seat, unsigned link, std::string_view why);
  void close(Wire& wire, bool politely);
  void hand_out_answers();

  Crowd& crowd_;
  UniqueFd epoll_;
  std::vector<Seat> seats_;
  std::vector<Server> servers_;
  std::unordered_map<std::string, std::uint16_t> server_numbers_;
  std::optional<Provisioner> provisioner_;
  Sources sources_;
  Fifo<Opening> openings_;
  std::size_t connecting_ = 0;
  std::vector<std::uint32_t> slow_;  // seats of viewers that are slow on purpose
  std::size_t slow_bytes_;           // each time
  TimePoint next_slow_read_{};
  std::vector<epoll_event> events_;
  std::vector<char> buffer_;  // what is read at once; shared by all
};

}  // namespace spillway::load
