// A measurement as JSON, in the shape that `spillway load --json` has too.
#pragma once

#include <string>
#include <string_view>

#include "load/rate_run.h"

namespace spillway::load {

// One object on one line. `commit` names what was measured.
std::string rate_run_json(const SwarmOptions& swarm, const RateRunOptions& options,
                          const RateRunResult& result, const Tally& tally, std::string_view commit);

// {"cpu":…,"cores":…,"kernel":…} of this machine.
std::string machine_json();

}  // namespace spillway::load
