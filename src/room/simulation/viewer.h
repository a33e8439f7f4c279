// A simulated viewer, as docs/protocol.md wants one: it resumes, and repeats what was refused or
// whose fate it does not know.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "room/simulation/judge.h"
#include "room/simulation/loop.h"
#include "room/simulation/server.h"
#include "room/simulation/timeline.h"
#include "room/simulation/weather.h"

namespace spillway::room::simulation {

class Viewer {
 public:
  // A server by chance; null: none is there. Names in `alive` who is asked later.
  struct Place {
    Server* server = nullptr;
    std::uint64_t life = 0;
  };
  struct Ports {
    std::function<Place()> choose;
    std::function<Server*(std::uint64_t life)> find;  // null: gone
    std::function<LineId()> next_line;
  };

  Viewer(Timeline& time, const Weather& weather, Judge& judge, std::string name, Ports ports);

  void say_something();
  // The connection is gone, on either side first.
  void lose_connection();
  void server_gone(std::uint64_t life) {
    if (place_.life == life) lose_connection();
  }
  bool hops = true;  // from server to server, for no reason
  void judge_the_end(const EpochState& redis);

 private:
  struct Waiting {
    std::size_t said = 0;  // index
    std::uint32_t sent_on = 0;
    TimePoint sent_at{};
  };

  void connect();
  void connected(std::uint32_t connection);
  void send(Waiting& line);
  void to_server(std::function<void(Loop&)> what);
  void receive(ViewerMessage& message);
  void registered(const Registered& answer);
  void acked(const Acked& ack);
  void refused(LineId line);
  Waiting* waiting(LineId line);
  void look_for_silence();

  Timeline& time_;
  const Weather& weather_;
  Judge& judge_;
  const std::string name_;
  const Ports ports_;
  const WireForm form_;
  std::optional<protocol::Position> position_;
  bool expects_verdict_ = false;
  bool registered_ = false;
  std::optional<TimePoint> recovered_at_;  // when the server said so, on this connection
  std::uint32_t connection_ = 0;           // 0 at first; each has its own
  bool connecting_ = false;
  Place place_;
  std::size_t loop_ = 0;
  ViewerId id_{};
  bool connected_ = false;
  TimePoint last_sent_{};      // arrives in order
  TimePoint last_received_{};  // likewise
  std::vector<Said> said_;
  std::vector<Waiting> waiting_;
};

}  // namespace spillway::room::simulation
