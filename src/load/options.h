// What a run is told. Parsed and validated once in src/cli, then passed on.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/distribution.h"
#include "load/crowd.h"
#include "load/scenario.h"
#include "load/talk_schedule.h"

namespace spillway::load {

struct LoadOptions {
  std::string balancer = "http://127.0.0.1:3000";  // asked for a server, unless manners.fixed_url
  std::uint32_t viewers = 2000;
  std::uint32_t rooms = 1;
  Distribution distribution;
  double talkers = 1;  // share of the viewers of each room; the others only read
  TalkInterval interval;
  Duration stagger = std::chrono::milliseconds(100);  // from one viewer's coming to the next one's
  Duration warm_up = std::chrono::seconds(2);         // after all are there, not measured
  Duration duration = std::chrono::seconds(60);       // measured; 0: until it is told to stop
  Duration drain = std::chrono::seconds(10);          // at most, for what is still on its way
  std::uint32_t threads = 1;                          // of a process
  std::uint32_t workers = 1;                          // processes
  std::uint64_t seed = 1;
  Manners manners;
  Scenario scenario;

  std::uint32_t engines() const { return threads * workers; }
};

}  // namespace spillway::load
