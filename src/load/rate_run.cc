#include "load/rate_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "load/due_text.h"
#include "load/open_loop.h"
#include "load/process_meter.h"

namespace spillway::load {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kLoad = "load";
constexpr std::string_view kServer = "server";

// A core of which this share is used has nothing left that can be relied on.
constexpr double kFull = 0.95;
// Later than this and the load is what the latencies measure.
constexpr milliseconds kLatenessMax{10};

class RateRun {
 public:
  RateRun(Swarm& swarm, const RateRunOptions& options) : swarm_(swarm), options_(options) {}

  Result<RateRunResult> run() {
    const TimePoint begin = Clock::now();
    if (const Status status = swarm_.connect(); !status) return status.error();
    result_.connect_took = Clock::now() - begin;

    const TimePoint start = Clock::now();
    Tally& tally = swarm_.crowd().tally;
    tally.window_begin = start + options_.warm_up;
    tally.window_end = tally.window_begin + options_.duration;
    OpenLoop schedule(start, options_.per_second);
    talk(schedule, tally.window_begin);
    const TimePoint window_began = Clock::now();
    if (const Status status = note_cpu(-1); !status) return status.error();
    talk(schedule, tally.window_end);
    if (const Status status = note_cpu(1); !status) return status.error();
    result_.window = Clock::now() - window_began;
    drain();
    result_.lost = swarm_.missing();
    judge();
    return std::move(result_);
  }

 private:
  // Sends what is due before `until`.
  void talk(OpenLoop& schedule, TimePoint until) {
    for (TimePoint now = Clock::now(); now < until; now = Clock::now()) {
      for (; schedule.next() <= now && schedule.next() < until; schedule.take()) {
        say(schedule.taken(), schedule.next());
        const bool measured = schedule.next() >= swarm_.crowd().tally.window_begin;
        if (measured) result_.lateness.record(now - schedule.next());
      }
      swarm_.turn(std::min(schedule.next(), until));
    }
  }

  void say(std::uint64_t number, TimePoint due) {
    const std::size_t talkers = std::max(options_.talkers, swarm_.crowd().rooms.size());
    const std::size_t talker = number % std::min(talkers, swarm_.size());
    const std::string text = due_text(due, options_.text_bytes);
    if (swarm_.say(talker, text, fmt::format("m{}", number))) ++result_.sent;
  }

  void drain() {
    const TimePoint deadline = Clock::now() + options_.drain;
    const Tally& tally = swarm_.crowd().tally;
    for (TimePoint now = Clock::now(); now < deadline; now = Clock::now()) {
      const bool answered = tally.acked + tally.errors >= result_.sent;
      if (answered && swarm_.missing() <= tally.gap_messages) return;
      swarm_.turn(std::min(now + milliseconds(20), deadline));
    }
  }

  // Called with -1 as the window begins and with 1 as it ends: what is left is the difference.
  Status note_cpu(int sign) {
    std::vector<Watched> all = options_.watched;
    all.insert(all.begin(), {std::string(kLoad), getpid()});
    result_.cpu.resize(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Result<Duration> used = cpu_time(all[i].pid);
      if (!used) return used.error();
      result_.cpu[i].name = all[i].name;
      result_.cpu[i].used += *used * sign;
    }
    return ok();
  }

  // The load first: while it is late or short of time, nothing is known about the server.
  void judge() {
    const auto share = [this](std::string_view name) {
      for (const CpuUse& cpu : result_.cpu) {
        if (cpu.name == name) return to_ms(cpu.used) / to_ms(result_.window);
      }
      return 0.0;
    };
    if (result_.lateness.percentile(0.99) > kLatenessMax || share(kLoad) > kFull) {
      result_.saturated = Saturated::kLoad;
    } else if (share(kServer) > kFull) {
      result_.saturated = Saturated::kServer;
    }
  }

  Swarm& swarm_;
  const RateRunOptions& options_;
  RateRunResult result_;
};

}  // namespace

Result<RateRunResult> run_at_rate(Swarm& swarm, const RateRunOptions& options) {
  return RateRun(swarm, options).run();
}

}  // namespace spillway::load
