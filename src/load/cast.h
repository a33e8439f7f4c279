// Which viewer is in which room, talks, is slow, joins a raid. The same in every thread and
// process, since all of it follows from the options.
#pragma once

#include <cstdint>
#include <vector>

#include "load/options.h"

namespace spillway::load {

struct Part {
  std::uint32_t viewer = 0;  // of the run, from 0
  std::uint32_t room = 0;    // from 0
  bool talks = false;
  bool slow = false;
  std::vector<std::uint8_t> raids;  // that it takes part in, by their place in the scenario
};

// The parts of the viewers of one engine: every engines()-th of the run, beginning with `engine`.
std::vector<Part> parts_of(const LoadOptions& options, std::uint32_t engine);

// Viewers that talk, over all engines.
std::uint64_t talkers_of(const LoadOptions& options);

}  // namespace spillway::load
