#include "server/flusher.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

#include "protocol/close_code.h"
#include "protocol/server_message.h"
#include "server/wire.h"

namespace spillway::server {
namespace {

// The longest a turn of the loop may be busy with flushes, and how many viewers it takes at once.
constexpr std::chrono::milliseconds kTurnMax{5};
constexpr std::size_t kSliceViewers = 128;

std::string count_frame(std::uint64_t viewers, room::WireForm form) {
  AnswerWriter answer;
  answer.begin();
  protocol::append_viewers(answer.json(), viewers);
  return std::string(answer.frame(form));
}

}  // namespace

Flusher::Flusher(LoopState& loop, const Options& options)
    : loop_(loop),
      timer_(loop.net.context),
      slow_viewer_(options.slow_viewer),
      schedule_(options.schedule) {}

void Flusher::request(LoopRoom& room) {
  affinity_.check();
  if (room.members.empty()) return;
  schedule_.request(room, room.members.size(), Clock::now());
  arm();
}

void Flusher::arm() {
  if (turn_posted_) return;
  const auto wake = schedule_.wake();
  if (!running_.empty() || (wake && *wake <= Clock::now())) {
    turn_posted_ = true;
    boost::asio::post(loop_.net.context, [this] {
      turn_posted_ = false;
      turn();
    });
  } else if (wake) {
    timer_.expires_at(*wake);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error && !turn_posted_) turn();
    });
  }
}

void Flusher::turn() {
  const TimePoint began = Clock::now();
  TimePoint now = began;
  while (now - began < kTurnMax) {
    start_due(now);
    if (running_.empty()) break;
    LoopRoom* const room = running_.pop();
    const bool done = slice(*room);
    const TimePoint after = Clock::now();
    schedule_.spent(targets_.size(), after - now, after);
    now = after;
    if (done) {
      finish(*room);
    } else {
      running_.push(room);
    }
  }
  loop_.counters[Counter::kFlushOverruns] = schedule_.overruns();
  arm();
}

void Flusher::start_due(TimePoint now) {
  while (auto* const scheduled = schedule_.next(now)) {
    auto& room = static_cast<LoopRoom&>(*scheduled);
    schedule_.begin(room, now);
    if (room.flushing) {  // still at the last one: go on from its end
      schedule_.request(room, room.members.size(), now);
      return;
    }
    if (!room.open() || room.members.empty()) continue;
    room.flushing = true;
    // As much as one plan holds, so that all of it is offered by the end of this flush.
    const room::Ring& ring = room.any_ring();
    const std::uint64_t from = std::clamp(room.offered, ring.first_seq(), ring.next_seq());
    room.flush_end = ring.fit(from, ring.next_seq(), room::kPlanBytesMax / 2);
    room.telling_viewers = std::exchange(room.tell_viewers, false);
    room.told_viewers = room.presence.viewers();
    room.members.begin_flush();
    running_.push(&room);
  }
}

// Writes to the next viewers of the room's flush. True: that were all.
bool Flusher::slice(LoopRoom& room) {
  collect(room);
  write_jobs();
  return room.members.flush_done();
}

// Who is level and stands where most stand shares a plan; others are served one by one.
void Flusher::collect(LoopRoom& room) {
  targets_.clear();
  std::uint64_t plain_from = 0;  // no message has seq 0: no plan yet
  std::uint64_t coalesced_from = 0;
  count_frame_plain_.clear();
  count_frame_coalesced_.clear();
  if (room.telling_viewers) {
    count_frame_plain_ = count_frame(room.told_viewers, room::WireForm::kPlain);
    count_frame_coalesced_ = count_frame(room.told_viewers, room::WireForm::kCoalesced);
  }
  while (!room.members.flush_done() && targets_.size() < kSliceViewers) {
    Viewer& viewer = *room.members.advance();
    const bool is_plain = viewer.form == room::WireForm::kPlain;
    const room::Ring& ring = room.ring(viewer.form);
    viewer.connection.flush_outbox();
    if (!viewer.attached) continue;  // its socket turned out to be gone
    if (!viewer.connection.level()) {
      // It goes on from on_writable(). One that shall not fall behind is told when it has.
      if (slow_viewer_ == SlowViewer::kClose && viewer.next < ring.first_seq()) skip_gap(viewer);
      continue;
    }
    auto& plan = is_plain ? plain_plan_ : coalesced_plan_;
    auto& from = is_plain ? plain_from : coalesced_from;
    if (from == 0 && viewer.next >= ring.first_seq()) {
      from = viewer.next;
      plan.build(ring, viewer.form, from, std::max(from, room.flush_end),
                 is_plain ? count_frame_plain_ : count_frame_coalesced_);
    }
    if (viewer.next == from) {
      if (!plan.empty()) targets_.push_back({&viewer, &plan});
      continue;
    }
    if (room.telling_viewers) {
      static_cast<void>(
          viewer.connection.queue(is_plain ? count_frame_plain_ : count_frame_coalesced_));
      viewer.connection.flush_outbox();
    }
    if (viewer.connection.level()) one(viewer, room.flush_end);
  }
}

void Flusher::write_jobs() {
  jobs_.clear();
  for (const Target& target : targets_) {
    jobs_.push_back({target.viewer->connection.fd(), target.plan->pieces(), 0});
  }
  writer_.write(jobs_);
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    settle(*targets_[i].viewer, *targets_[i].plan, jobs_[i].result);
  }
}

// What became of one write.
void Flusher::settle(Viewer& viewer, const room::FlushPlan& plan, std::int64_t result) {
  loop_.counters[Counter::kFlushes]++;
  if (result < 0 && result != -EAGAIN) {
    viewer.connection.abort();
    return;
  }
  const auto written = static_cast<std::size_t>(std::max<std::int64_t>(result, 0));
  loop_.counters[Counter::kFlushBytes] += written;
  std::uint64_t next = plan.to();
  LoopRoom& room = *viewer.room;
  if (written < plan.bytes()) {
    loop_.counters[Counter::kShortWrites]++;
    const auto cut = plan.cut(room.ring(viewer.form), written);
    next = cut.next;
    // What is begun is copied at once, so that the ring may go on without asking anybody: at most
    // one frame, beside the megabytes that the kernel holds for such a viewer.
    rest_.clear();
    plan.copy(written, cut.rest, rest_);
    viewer.connection.cut_short(rest_);
  } else if (next < room.next_seq() && next < room.flush_end) {
    viewer.connection.cut_short({});  // more than one plan holds: go on in its next turn
  }
  const std::uint64_t delivered = next - plan.from();
  viewer.next = next;
  viewer.sent_tick = loop_.wheel.now();
  loop_.counters[Counter::kDeliveries] += delivered;
  room.deliveries += delivered;
}

void Flusher::catch_up(Viewer& viewer) {
  affinity_.check();
  if (!viewer.attached) return;
  viewer.connection.flush_outbox();
  if (viewer.connection.level()) one(viewer, viewer.room->next_seq());
}

// Writes the messages before `end` to one viewer. REQUIRES it to be level.
void Flusher::one(Viewer& viewer, std::uint64_t end) {
  LoopRoom& room = *viewer.room;
  const room::Ring& ring = room.ring(viewer.form);
  if (viewer.next < ring.first_seq()) {
    if (!skip_gap(viewer)) return;
    viewer.connection.flush_outbox();
    if (!viewer.connection.level()) return;
  }
  if (viewer.next >= end) return;
  single_plan_.build(ring, viewer.form, viewer.next, end, {});
  net::WriteJob job{viewer.connection.fd(), single_plan_.pieces(), 0};
  writer_.write({&job, 1});
  settle(viewer, single_plan_, job.result);
  if (viewer.next < end && viewer.connection.level()) viewer.connection.cut_short({});
}

// The ring no longer has what comes next for this viewer: it is told, or closed. False: closed.
bool Flusher::skip_gap(Viewer& viewer) {
  const std::uint64_t first = viewer.room->ring(viewer.form).first_seq();
  loop_.counters[Counter::kGaps]++;
  loop_.counters[Counter::kGapMessages] += first - viewer.next;
  AnswerWriter answer;
  answer.begin();
  protocol::append_gap(answer.json(), viewer.next, first - 1);
  if (slow_viewer_ == SlowViewer::kSkip && viewer.connection.queue(answer.frame(viewer.form))) {
    viewer.next = first;
    return true;
  }
  viewer.connection.close(static_cast<std::uint16_t>(protocol::CloseCode::kSlowViewer),
                          protocol::reason(protocol::CloseCode::kSlowViewer));
  return false;
}

void Flusher::finish(LoopRoom& room) {
  room.flushing = false;
  room.offered = std::max(room.offered, room.flush_end);
  room.telling_viewers = false;
  loop_.mark_changed(room);
  if (room.next_seq() > room.flush_end || room.tell_viewers) request(room);
}

}  // namespace spillway::server
