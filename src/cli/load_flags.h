// The flags of `spillway load`, and the names in the environment that people know from such
// harnesses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/config.h"
#include "cli/flags.h"
#include "load/expectation.h"
#include "load/options.h"

namespace spillway::cli {

// As it is told; finished by complete_load_options().
struct LoadSettings {
  load::LoadOptions options;
  std::string scenario_file;
  std::chrono::microseconds stagger = std::chrono::milliseconds(100);
  std::chrono::microseconds reconnect_delay = std::chrono::milliseconds(500);
  std::chrono::microseconds duration = std::chrono::seconds(60);
  std::chrono::microseconds warm_up = std::chrono::seconds(2);
  std::chrono::microseconds drain = std::chrono::seconds(10);
  std::optional<Duration> p99_max;  // --find-limit
  std::chrono::microseconds limit_step = std::chrono::seconds(5);
  std::optional<load::LimitGoal> limit;
  bool no_resume = false;
  std::string json_file;    // "-": stdout; empty: none
  std::string report_file;  // empty: none
  std::vector<load::Expectation> expectations;
  std::string expect;  // as it was given
};

FlagSet load_flags(LoadSettings& settings);

// LOAD_BALANCER_URL, CHATTER_COUNT, CHAT_ROOM_COUNT, MESSAGE_INTERVAL_MIN_MS and _MAX_MS,
// INITIAL_CONNECT_STAGGER_MS, RECONNECT_DELAY_MS. They stand below SPILLWAY_<FLAG>.
Settings harness_environment(const Environment& environment);

// What flags cannot say alone: as many workers as the descriptors ask for, a seed.
Status complete_load_options(LoadSettings& settings);

}  // namespace spillway::cli
