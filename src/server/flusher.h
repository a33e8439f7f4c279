// Carries out flushes: in turns of at most 1 ms, between which the loop serves everything else. A
// turn is made of slices, each one call of the batch writer: for a part of a huge room or for many
// small ones, so that neither holds up the other.
//
// Owned by a shard, on its loop. Owns no bytes: rings do.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
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
#include "server/slice_plans.h"
#include "websocket/deflate.h"

namespace spillway::server {

class Flusher {
 public:
  struct Options {
    room::FlushSchedule::Options schedule;
    SlowViewer slow_viewer = SlowViewer::kSkip;
  };

  Flusher(LoopState& loop, std::unique_ptr<net::BatchWriter> writer, const Options& options);

  // The room has something for its viewers: messages, or a count.
  void request(LoopRoom& room);

  // Writes to one viewer what its room has for it: after a join, or when its socket is writable
  // again.
  void catch_up(Viewer& viewer);

  void stop() { timer_.cancel(); }

 private:
  void arm();
  void posted_turn();
  void turn();
  void start_due(TimePoint now);
  std::unique_ptr<RoomFlush> begin_flush(LoopRoom& room);
  void slice();
  void go_on(RoomFlush& flush, const LoopRoom& room) const;
  void collect(LoopRoom& room);
  room::FlushPlan& plan_for(LoopRoom& room, const Viewer& viewer);
  const room::DeflatedRun* deflated_for(LoopRoom& room, const Viewer& viewer);
  void write_targets();
  std::span<iovec> with_answers(const net::Connection& connection, std::span<iovec> pieces);
  void settle(Viewer& viewer, const room::FlushPlan& plan, std::int64_t result);
  bool bring_into_ring(Viewer& viewer);
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
  const std::unique_ptr<net::BatchWriter> writer_;
  websocket::Deflater deflater_;
  Fifo<LoopRoom*> running_;
  bool turn_posted_ = false;
  std::uint64_t turn_ = 0;  // the number of the loop's turn
  TimePoint turn_due_{};    // the next one
  TimePoint turn_began_{};  // this one

  // Scratch, recycled.
  SlicePlans plans_;
  std::vector<LoopRoom*> rooms_;  // of this slice
  std::vector<Target> targets_;
  std::vector<net::WriteJob> jobs_;
  std::deque<std::vector<iovec>> mixed_;  // pieces of jobs that take answers along,
  std::size_t mixed_used_ = 0;            // of which so many are in use
  room::FlushPlan single_plan_;
  std::vector<std::unique_ptr<RoomFlush>> spare_;
  std::string rest_;
};

}  // namespace spillway::server
