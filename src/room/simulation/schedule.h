// One schedule: servers, viewers and a Redis, what they do and what befalls them, all out of one
// seed; and whether the promises were kept.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "room/simulation/bus.h"
#include "room/simulation/judge.h"
#include "room/simulation/ledger.h"
#include "room/simulation/server.h"
#include "room/simulation/timeline.h"
#include "room/simulation/viewer.h"
#include "room/simulation/weather.h"

namespace spillway::room::simulation {

class Schedule {
 public:
  Schedule(std::uint64_t seed, bool tracing);

  void run();

  const std::vector<std::string>& wrong() const { return judge_.wrong(); }
  const std::string& trace() const { return time_.trace_text(); }
  const Judge& judge() const { return judge_; }
  std::size_t epochs() const { return ledger_.epochs(); }

 private:
  struct Running {
    std::unique_ptr<Server> server;
    std::uint64_t life = 0;
  };

  void start_server(std::string id);
  void kill_server();
  void lose_subscription();
  void outage();
  void plan();
  void fault();
  void restart_redis();
  void evict();
  void refuse_for_a_while();

  Timeline time_;
  const Weather weather_;
  Ledger ledger_{weather_.rules.messages};
  Judge judge_{time_, ledger_};
  Bus bus_;
  std::vector<Running> servers_;
  std::uint64_t lives_ = 0;
  std::uint64_t ids_ = 0;
  LineId lines_ = 0;
  std::vector<std::unique_ptr<Viewer>> viewers_;
};

}  // namespace spillway::room::simulation
