// One run of a load: starts the engines, gives them their phases, measures, and says what became
// of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "load/board.h"
#include "load/limit_search.h"
#include "load/options.h"
#include "load/snapshot.h"
#include "load/timeline.h"

namespace spillway::load {

// Which side had nothing left: what the numbers are a measurement of.
enum class Saturated : std::uint8_t { kNone, kServer, kLoad };

// How it stands. Lives as long as the call it is given to.
struct Progress {
  Phase phase;
  TimePoint began;  // connecting
  std::optional<TimePoint> window_begin;
  const Snapshot& now;
  const Timeline& timeline;
  const LimitSearch* limit;  // null: none is looked for
};

// What whoever started the run wants to know meanwhile; all on the coordinator's thread.
struct RunEvents {
  std::function<void(const Progress&)> on_progress;  // twice a second
  std::function<bool()> stop_asked;                  // ends it early
  std::function<void()> on_window_begin;
  std::function<void()> on_window_end;
};

// What is looked for instead of measuring one load.
struct LimitGoal {
  Duration p99_max{};
  Duration step{};  // each load is measured for so long
};

struct RunResult {
  Snapshot total;  // after everything
  std::uint64_t deliveries_in_window = 0;
  std::uint64_t sent_in_window = 0;
  Duration connect_took{};
  Duration window{};      // as long as it really was
  double core_share = 0;  // of the busiest engine's thread, in the window
  Duration cpu{};         // of all engines, in the window
  Saturated saturated = Saturated::kNone;
  bool interrupted = false;  // ended early
  std::string broken{};      // why it is no result: a worker is gone; empty: it is one
  Timeline timeline;
  std::optional<LimitSearch> limit;

  double deliveries_per_s() const;
  double sent_per_s() const;
};

// Connects, warms up, measures, waits for the rest. An Error if viewers could not be brought into
// their rooms.
Result<RunResult> run_load(const LoadOptions& options, const std::optional<LimitGoal>& goal,
                           const RunEvents& events);

}  // namespace spillway::load
