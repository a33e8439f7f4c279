// What a run must show, so that it can gate a release: `lost=0,p99<100ms`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "load/run.h"

namespace spillway::load {

struct Expectation {
  enum class Relation : std::uint8_t { kEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
  std::string text;  // as it was given
  std::string name;  // of a number of the run, as in its JSON
  Relation relation = Relation::kEqual;
  double value = 0;  // milliseconds for a percentile
};

struct Judgement {
  std::string text;
  double value = 0;  // what it was
  bool held = false;
};

// A comma-separated list of NAME=N, NAME<N, NAME<=N, NAME>N, NAME>=N. Percentiles (p50, p90, p99,
// p999, max) take a duration. The Error says which one makes no sense, and what would.
Result<std::vector<Expectation>> parse_expectations(std::string_view text);

std::vector<Judgement> judge(const std::vector<Expectation>& expectations, const RunResult& result);

}  // namespace spillway::load
