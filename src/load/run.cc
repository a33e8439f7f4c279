#include "load/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "load/crew.h"

namespace spillway::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kTick{50};
constexpr milliseconds kProgressEvery{500};
constexpr seconds kTimelineEvery{1};
constexpr seconds kFirstViewerWithin{5};  // else nobody is there to be connected to
constexpr seconds kNextViewerWithin{60};

// A limit step settles before it is measured; after one that broke, what has piled up goes away.
// Parts of the time it is measured for.
constexpr double kSettle = 0.4;
constexpr double kRecover = 0.6;
constexpr double kRecoverPace = 0.1;

// A core of which this share is used has nothing left that can be relied on.
constexpr double kFull = 0.95;
// Later than this and the load is what the latencies measure.
constexpr milliseconds kLatenessMax{10};
// A server that is this late while the load is on time cannot keep up.
constexpr seconds kServerLate{1};

// Of the engine that used most of its core between two moments.
double core_share(const Snapshot& before, const Snapshot& after) {
  Duration most{};
  for (std::size_t i = 0; i < after.cpu.size(); ++i) {
    most = std::max(most, after.cpu[i] - before.cpu[i]);
  }
  return to_ms(most) / std::max(to_ms(after.at - before.at), 1.0);
}

Duration total_cpu(const Snapshot& before, const Snapshot& after) {
  Duration sum{};
  for (std::size_t i = 0; i < after.cpu.size(); ++i) sum += after.cpu[i] - before.cpu[i];
  return sum;
}

bool load_was_full(const Snapshot& before, const Snapshot& after) {
  return after.lateness.since(before.lateness).percentile(0.99) > kLatenessMax ||
         core_share(before, after) > kFull;
}

class Run {
 public:
  Run(const LoadOptions& options, const Board& board, Crew& crew, const RunEvents& events)
      : options_(options), board_(board), crew_(crew), events_(events), began_(Clock::now()) {}

  Result<RunResult> run(const std::optional<LimitGoal>& goal) {
    if (goal) result_.limit.emplace(goal->p99_max);
    const Status status = bring_all_in();
    if (!status) return status.error();
    if (!stopped_) measure(goal ? goal->step : Duration::zero());
    drain();
    return std::move(result_);
  }

 private:
  void set(Phase phase) {
    phase_ = phase;
    board_.control().phase.store(phase, std::memory_order_release);
  }

  // One look around. False: it is to end, by Ctrl-C or because a worker is gone.
  bool tick() {
    std::this_thread::sleep_for(kTick);
    now_ = take_snapshot(board_);
    if (window_begin_ && now_.at >= next_point_) {
      result_.timeline.add(now_);
      next_point_ += kTimelineEvery;
    }
    if (events_.on_progress && now_.at >= next_progress_) {
      const LimitSearch* const limit = result_.limit ? &*result_.limit : nullptr;
      events_.on_progress({phase_, began_, window_begin_, now_, result_.timeline, limit});
      next_progress_ = now_.at + kProgressEvery;
    }
    if (casualty_.empty()) casualty_ = crew_.casualties();
    if (!casualty_.empty() || (events_.stop_asked && events_.stop_asked())) stopped_ = true;
    return !stopped_;
  }

  // False: it was stopped before.
  bool wait_until(TimePoint until) {
    while (Clock::now() < until) {
      if (!tick()) return false;
    }
    return true;
  }

  Status bring_all_in() {
    set(Phase::kConnecting);
    TimePoint last_moved = began_;
    std::uint64_t last = 0;
    while (tick() && now_.count(Metric::kConnects) < options_.viewers) {
      const std::uint64_t there = now_.count(Metric::kConnects);
      if (there != last) last_moved = now_.at;
      last = there;
      const Duration patience = there == 0 ? kFirstViewerWithin : kNextViewerWithin;
      const bool stuck = now_.at - last_moved > std::max<Duration>(patience, 3 * options_.stagger);
      const bool refused = now_.count(Metric::kClosed) > 0;
      if (!stuck && !refused) continue;
      if (there == 0) return Error{now_.problem.empty() ? "no answer" : now_.problem};
      return Error{fmt::format("{} of {} viewers were in their rooms, then {}: {}", there,
                               options_.viewers, refused ? "one was refused" : "none for 60 s",
                               now_.problem.empty() ? "no reason was given" : now_.problem)};
    }
    if (!casualty_.empty()) return Error{casualty_};
    result_.connect_took = Clock::now() - began_;
    return ok();
  }

  void measure(Duration limit_step) {
    const TimePoint begin = Clock::now() + options_.warm_up;
    Control& control = board_.control();
    control.window_begin.store(begin.time_since_epoch().count());
    set(Phase::kTalking);
    if (!wait_until(begin)) return close_window();
    window_begin_ = begin;
    next_point_ = begin;
    at_begin_ = take_snapshot(board_);
    if (events_.on_window_begin) events_.on_window_begin();
    if (result_.limit) {
      search_limit(*result_.limit, limit_step);
    } else {
      const bool endless = options_.duration == Duration::zero();
      const TimePoint end = endless ? TimePoint::max() : begin + options_.duration;
      if (!endless) control.window_end.store(end.time_since_epoch().count());
      wait_until(end);
    }
    close_window();
  }

  // The measured time is over, as planned or not.
  void close_window() {
    const Snapshot at_end = take_snapshot(board_);
    Control& control = board_.control();
    if (control.window_end.load() == 0 || control.end() > at_end.at) {
      control.window_end.store(at_end.at.time_since_epoch().count());
    }
    set(Phase::kDraining);
    if (!window_begin_) return;
    if (events_.on_window_end) events_.on_window_end();
    // Ticks come late; what is counted as within ended on time.
    result_.window = std::max(control.end() - at_begin_.at, Duration::zero());
    const auto grown = [&](Metric metric) {
      return at_end.count(metric) - at_begin_.count(metric);
    };
    result_.deliveries_in_window = grown(Metric::kDeliveriesInWindow);
    result_.sent_in_window = grown(Metric::kSent);
    result_.core_share = core_share(at_begin_, at_end);
    result_.cpu = total_cpu(at_begin_, at_end);
    if (load_was_full(at_begin_, at_end)) result_.saturated = Saturated::kLoad;
  }

  void search_limit(LimitSearch& search, Duration time) {
    Control& control = board_.control();
    while (!search.done()) {
      control.pace.store(search.pace());
      if (!wait_until(Clock::now() + scaled(time, kSettle))) return;
      const Snapshot before = take_snapshot(board_);
      if (!wait_until(Clock::now() + time)) return;
      const LimitStep step = step_between(before, now_, search.pace());
      search.tried(step);
      if (search.steps().back().held) continue;
      control.pace.store(search.pace() * kRecoverPace);
      if (!wait_until(Clock::now() + scaled(time, kRecover))) return;
    }
  }

  static LimitStep step_between(const Snapshot& before, const Snapshot& after, double pace) {
    const Duration time = after.at - before.at;
    const auto grown = [&](Metric metric) { return after.count(metric) - before.count(metric); };
    LimitStep step;
    step.pace = pace;
    step.messages_per_s = per_second(grown(Metric::kSent), time);
    step.deliveries_per_s = per_second(grown(Metric::kDeliveries), time);
    const Histogram latency = after.latency.since(before.latency);
    step.timed = latency.count();
    step.p99 = latency.percentile(0.99);
    step.lost = after.lost() - std::min(after.lost(), before.lost());
    step.refused = grown(Metric::kRefused) + grown(Metric::kUnsent);
    step.load_saturated = load_was_full(before, after);
    return step;
  }

  // Until everything said has arrived and is answered, or for as long as is allowed.
  void drain() {
    if (phase_ != Phase::kDraining) set(Phase::kDraining);
    const bool early = stopped_;
    const TimePoint deadline = Clock::now() + options_.drain;
    while (Clock::now() < deadline) {
      tick();
      // Of each engine twice: what one knows of a room the others look at a little later.
      if (now_.drained >= 2 && now_.missing == 0 && now_.unanswered == 0) break;
    }
    result_.total = take_snapshot(board_);
    result_.broken = casualty_;
    result_.interrupted = early;
    const bool server_late = result_.total.latency.percentile(0.99) > kServerLate;
    if (result_.saturated == Saturated::kNone && server_late) {
      result_.saturated = Saturated::kServer;
    }
  }

  const LoadOptions& options_;
  const Board& board_;
  Crew& crew_;
  const RunEvents& events_;
  const TimePoint began_;
  Phase phase_ = Phase::kConnecting;
  Snapshot now_;
  Snapshot at_begin_;
  std::optional<TimePoint> window_begin_;
  TimePoint next_point_{};
  TimePoint next_progress_{};
  std::string casualty_;
  bool stopped_ = false;
  RunResult result_;
};

}  // namespace

double RunResult::deliveries_per_s() const { return per_second(deliveries_in_window, window); }
double RunResult::sent_per_s() const { return per_second(sent_in_window, window); }

Result<RunResult> run_load(const LoadOptions& options, const std::optional<LimitGoal>& goal,
                           const RunEvents& events) {
  auto board = Board::create(options.engines(), options.rooms);
  if (!board) return board.error();
  auto crew = Crew::start(options, *board);
  if (!crew) return crew.error();
  Run run(options, *board, *crew, events);
  return run.run(goal);
}

}  // namespace spillway::load
