// Carries out flushes: in slices of at most 5 ms, between which the loop serves everything else,
// and in turns, so that a huge room does not hold up the small ones.
//
// Owned by a shard, on its loop. Owns no bytes: rings do.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/fifo.h"
#include "base/loop_affinity.h"
#include "net/batch_writer.h"
#include "room/flush_plan.h"
#include "room/flush_schedule.h"
#include "server/loop_room.h"
#include "server/loop_state.h"
#include "server/options.h"

namespace spillway::server {

class Flusher {
 public:
  struct Options {
    room::FlushSchedule::Options schedule;
    SlowViewer slow_viewer = SlowViewer::kSkip;
  };

  Flusher(LoopState& loop, const Options& options);

  // The room has something for its viewers: messages, or a count.
  void request(LoopRoom& room);

  // Writes to one viewer what its room has for it: after a join, or when its socket is writable
  // again.
  void catch_up(Viewer& viewer);

  void stop() { timer_.cancel(); }

 private:
  void arm();
  void turn();
  void start_due(TimePoint now);
  bool slice(LoopRoom& room);
  void collect(LoopRoom& room);
  void write_jobs();
  void settle(Viewer& viewer, const room::FlushPlan& plan, std::int64_t result);
  void one(Viewer& viewer, std::uint64_t end);
  bool skip_gap(Viewer& viewer);
  void finish(LoopRoom& room);

  struct Target {
    Viewer* viewer = nullptr;
    room::FlushPlan* plan = nullptr;
  };

  LoopAffinity affinity_;
  LoopState& loop_;
  boost::asio::steady_timer timer_;
  const SlowViewer slow_viewer_;
  room::FlushSchedule schedule_;
  net::BatchWriter writer_;
  Fifo<LoopRoom*> running_;
  bool turn_posted_ = false;

  // Scratch, recycled. The plans are for viewers at the position most of them have.
  room::FlushPlan plain_plan_;
  room::FlushPlan coalesced_plan_;
  room::FlushPlan single_plan_;
  std::vector<Target> targets_;
  std::vector<net::WriteJob> jobs_;
  std::string count_frame_plain_;
  std::string count_frame_coalesced_;
  std::string rest_;
};

}  // namespace spillway::server
