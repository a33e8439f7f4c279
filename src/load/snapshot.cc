#include "load/snapshot.h"

#include <algorithm>
#include <limits>

namespace spillway::load {

Snapshot take_snapshot(const Board& board) {
  Snapshot sum;
  sum.at = Clock::now();
  sum.drained = std::numeric_limits<std::uint64_t>::max();
  for (std::size_t engine = 0; engine < board.engines(); ++engine) {
    const Tally& tally = board.tally(engine);
    // Before what it says is set.
    sum.drained = std::min(sum.drained, tally.drained.load(std::memory_order_acquire));
    for (std::size_t i = 0; i < kMetrics; ++i) sum.counts[i] += tally.counts[i].get();
    tally.latency.add_to(sum.latency);
    tally.lateness.add_to(sum.lateness);
    tally.catch_up.add_to(sum.catch_up);
    tally.pause.add_to(sum.pause);
    sum.watching += tally.watching.get();
    sum.missing += tally.missing.get();
    sum.unanswered += tally.unanswered.get();
    sum.cpu.emplace_back(static_cast<Duration::rep>(tally.cpu_ns.get()));
    for (const ServerShare& server : tally.servers) {
      if (server.url.get().empty()) break;
      sum.servers[std::string(server.url.get())] += server.viewers.get();
    }
    if (sum.problem.empty()) sum.problem = tally.problem.get();
  }
  return sum;
}

}  // namespace spillway::load
