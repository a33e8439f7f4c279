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

// How long a turn of the loop is busy with flushes, and how much of them it takes at once. With
// turns of 5 ms a line in a room of 1,000 took 5 ms longer: it waits for a turn to be read, and
// again with what Redis answers. But a turn that itself had to wait, behind very many who come at
// once, takes as long as it waited.
constexpr std::chrono::milliseconds kTurnMin{1};
constexpr std::chrono::milliseconds kTurnMax{5};
constexpr std::size_t kSliceViewers = 128;
constexpr std::size_t kSliceRooms = 128;

// A flush is compressed when it saves so many bytes on the way that the time it takes is small
// beside what the writes take: 15 us for 3 KB, 56 us for 16 KB, against 4 to 8 us a viewer.
constexpr std::size_t kDeflateBytesMin = 512;
constexpr std::size_t kDeflateTrafficMin = 32 * 1024;  // bytes times viewers
// It serves the viewers of this time, so that it stays small beside their writes.
constexpr std::chrono::milliseconds kRunsLife{5};
constexpr int kFlushDeflateLevel = 4;
constexpr int kFlushWindowBits = 15;

std::string count_frame(std::uint64_t viewers, room::WireForm form) {
  AnswerWriter answer;
  answer.begin();
  protocol::append_viewers(answer.json(), viewers);
  return std::string(answer.frame(form));
}

}  // namespace

Flusher::Flusher(LoopState& loop, std::unique_ptr<net::BatchWriter> writer, const Options& options)
    : loop_(loop),
      timer_(loop.net.context),
      slow_viewer_(options.slow_viewer),
      schedule_(options.schedule),
      writer_(std::move(writer)),
      deflater_(kFlushDeflateLevel, kFlushWindowBits, false) {
  loop_.net.before_answers = [this] { posted_turn(); };
}

void Flusher::request(LoopRoom& room) {
  affinity_.check();
  if (room.members.empty()) return;
  schedule_.request(room, room.members.size(), Clock::now());
  arm();
}

void Flusher::arm() {
  if (turn_posted_) return;
  const auto wake = schedule_.wake();
  const TimePoint now = Clock::now();
  if (!running_.empty() || (wake && *wake <= now)) {
    turn_posted_ = true;
    turn_due_ = now;
    boost::asio::post(loop_.net.context, [this] { posted_turn(); });
  } else if (wake) {
    turn_due_ = *wake;
    timer_.expires_at(*wake);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error && !turn_posted_) turn();
    });
  }
}

// Once for each time that it was posted, whoever comes to it first.
void Flusher::posted_turn() {
  if (std::exchange(turn_posted_, false)) turn();
}

void Flusher::turn() {
  ++turn_;
  turn_began_ = Clock::now();
  TimePoint now = turn_began_;
  const Duration turn = std::clamp<Duration>(now - turn_due_, kTurnMin, kTurnMax);
  while (now - turn_began_ < turn) {
    start_due(now);
    if (running_.empty()) break;
    slice();
    const TimePoint after = Clock::now();
    schedule_.spent(targets_.size(), after - now, after);
    now = after;
  }
  loop_.counters[Counter::kFlushOverruns] = schedule_.overruns();
  arm();
}

void Flusher::start_due(TimePoint now) {
  while (auto* const scheduled = schedule_.next(now)) {
    auto& room = static_cast<LoopRoom&>(*scheduled);
    if (room.flush) {  // still at the last one
      room.flush->again = true;
      continue;
    }
    if (!room.open() || room.members.empty()) continue;
    schedule_.begin(room, room.members.size(), now);
    room.flush = begin_flush(room);
    room.members.begin_flush();
    running_.push(&room);
  }
}

std::unique_ptr<RoomFlush> Flusher::begin_flush(LoopRoom& room) {
  if (spare_.empty()) spare_.push_back(std::make_unique<RoomFlush>());
  std::unique_ptr<RoomFlush> flush = std::move(spare_.back());
  spare_.pop_back();
  room.wake();
  const room::Ring& ring = room.any_ring();
  // As much as one plan holds, so that all of it is offered by the end of this flush.
  flush->offers = ring.fit(std::clamp(room.offered, ring.first_seq(), ring.next_seq()),
                           ring.next_seq(), room::kPlanBytesMax / 2);
  flush->again = false;
  flush->turn = 0;
  flush->end = flush->offers;
  flush->runs_used = 0;
  const bool telling = std::exchange(room.tell_viewers, false);
  for (const auto form : {room::WireForm::kPlain, room::WireForm::kCoalesced}) {
    flush->prefix(form).clear();
    if (telling) flush->prefix(form) = count_frame(room.presence.viewers(), form);
  }
  return flush;
}

// One call of the writer: to the next viewers of as many rooms as fill it.
void Flusher::slice() {
  plans_.clear();
  targets_.clear();
  rooms_.clear();
  while (!running_.empty() && targets_.size() < kSliceViewers && rooms_.size() < kSliceRooms) {
    LoopRoom* const room = running_.pop();
    collect(*room);
    rooms_.push_back(room);
  }
  write_targets();
  for (LoopRoom* const room : rooms_) {
    if (room->members.flush_done()) {
      finish(*room);
    } else {
      running_.push(room);
    }
  }
}

// A flush of a large room takes many turns. Each takes what has come until it begins, so that a
// message waits until the next flush comes to a viewer, and not for all of this flush before.
void Flusher::go_on(RoomFlush& flush, const LoopRoom& room) const {
  if (flush.turn == turn_) return;
  flush.turn = turn_;
  if (flush.runs_used > 0 && turn_began_ - flush.since < kRunsLife) return;
  flush.since = turn_began_;
  flush.end = room.next_seq();
  flush.runs_used = 0;
}

// The next viewers of the room's flush that can be written to, and what each gets.
void Flusher::collect(LoopRoom& room) {
  go_on(*room.flush, room);
  plans_.begin_room();
  while (!room.members.flush_done() && targets_.size() < kSliceViewers) {
    Viewer& viewer = *room.members.advance();
    if (!viewer.connection.writable()) {
      // It goes on from on_writable(). One that shall not fall behind is told when it has.
      const bool behind = viewer.next < room.ring(viewer.form).first_seq();
      if (behind && slow_viewer_ == SlowViewer::kClose) skip_gap(viewer);
      continue;
    }
    if (!bring_into_ring(viewer)) continue;
    room::FlushPlan& plan = plan_for(room, viewer);
    if (!plan.empty()) targets_.push_back({&viewer, &plan});
  }
}

room::FlushPlan& Flusher::plan_for(LoopRoom& room, const Viewer& viewer) {
  RoomFlush& flush = *room.flush;
  const room::DeflatedRun* const run = deflated_for(room, viewer);
  const auto [plan, fresh] = plans_.at(viewer.form, run != nullptr, viewer.next);
  if (!fresh) return plan;
  if (run != nullptr) {
    plan.build(*run, flush.prefix(viewer.form));
  } else {
    plan.build(room.ring(viewer.form), viewer.form, viewer.next, std::max(viewer.next, flush.end),
               flush.prefix(viewer.form));
  }
  return plan;
}

// What the viewer gets compressed, which happens here for the first one that stands there; null
// where it gets it as it is. Who is behind what all were offered stands there alone.
const room::DeflatedRun* Flusher::deflated_for(LoopRoom& room, const Viewer& viewer) {
  RoomFlush& flush = *room.flush;
  if (!viewer.deflates || viewer.next < room.offered || viewer.next >= flush.end) return nullptr;
  for (std::size_t i = 0; i < flush.runs_used; ++i) {
    if (flush.runs[i].from() == viewer.next) return &flush.runs[i];
  }
  if (flush.runs_used == RoomFlush::kRunsMax) return nullptr;
  const room::Ring& ring = room.ring(viewer.form);
  const std::uint64_t end = ring.fit(viewer.next, flush.end, room::kPlanBytesMax / 2);
  const std::size_t bytes = ring.size(viewer.next, end);
  const std::size_t traffic = bytes * room.members.size();
  if (bytes < kDeflateBytesMin || traffic < kDeflateTrafficMin) return nullptr;
  room::DeflatedRun& run = flush.runs[flush.runs_used++];
  run.build(ring, viewer.next, end, deflater_);
  loop_.counters[Counter::kDeflateIn] += bytes;
  loop_.counters[Counter::kDeflateOut] += run.bytes().size();
  return &run;
}

void Flusher::write_targets() {
  jobs_.clear();
  mixed_used_ = 0;
  for (const Target& target : targets_) {
    net::Connection& connection = target.viewer->connection;
    jobs_.push_back({connection.fd(), with_answers(connection, target.plan->pieces()), 0});
  }
  writer_->write(jobs_);
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    settle(*targets_[i].viewer, *targets_[i].plan, jobs_[i].result);
  }
}

// Answers that wait go first, in the same call.
std::span<iovec> Flusher::with_answers(const net::Connection& connection, std::span<iovec> pieces) {
  const std::string_view answers = connection.answers();
  if (answers.empty()) return pieces;
  if (mixed_used_ == mixed_.size()) mixed_.emplace_back();
  std::vector<iovec>& mixed = mixed_[mixed_used_++];
  mixed.clear();
  // iovec is C's and has no const; the kernel only reads from it here.
  mixed.push_back({const_cast<char*>(answers.data()), answers.size()});
  mixed.insert(mixed.end(), pieces.begin(), pieces.end());
  return mixed;
}

// What became of one write.
void Flusher::settle(Viewer& viewer, const room::FlushPlan& plan, std::int64_t result) {
  loop_.counters[Counter::kFlushes]++;
  if (result < 0 && result != -EAGAIN) {
    viewer.connection.abort();
    return;
  }
  const std::size_t written =
      viewer.connection.written(static_cast<std::size_t>(std::max<std::int64_t>(result, 0)));
  loop_.counters[Counter::kFlushBytes] += written;
  std::uint64_t next = plan.to();
  LoopRoom& room = *viewer.room;
  if (written < plan.bytes()) {
    loop_.counters[Counter::kShortWrites]++;
    const auto cut = plan.cut(room.ring(viewer.form), written);
    next = cut.next;
    // What is begun is copied at once, so that the ring may go on without asking anybody: at most
    // one frame, beside the half megabyte that the kernel holds for such a viewer.
    rest_.clear();
    plan.copy(written, cut.rest, rest_);
    viewer.connection.cut_short(rest_);
  } else if (room.flush && next < room.flush->end) {
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
  if (!viewer.connection.writable() || !bring_into_ring(viewer)) return;
  LoopRoom& room = *viewer.room;
  const std::uint64_t end = room.next_seq();
  if (viewer.next >= end) return;
  single_plan_.build(room.ring(viewer.form), viewer.form, viewer.next, end, {});
  mixed_used_ = 0;
  net::WriteJob job{viewer.connection.fd(), with_answers(viewer.connection, single_plan_.pieces()),
                    0};
  writer_->write({&job, 1});
  settle(viewer, single_plan_, job.result);
  if (viewer.next < end && viewer.connection.writable()) viewer.connection.cut_short({});
}

// A viewer that the ring's tail has passed is told what it missed. True: it can be written to.
// REQUIRES it to be writable.
bool Flusher::bring_into_ring(Viewer& viewer) {
  if (viewer.next >= viewer.room->ring(viewer.form).first_seq()) return true;
  return skip_gap(viewer) && viewer.connection.writable();
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
  const std::uint64_t end = room.flush->offers;
  const bool again = room.flush->again;
  room.offered = std::max(room.offered, end);
  std::unique_ptr<RoomFlush> over = std::move(room.flush);
  if (spare_.size() < kSliceRooms) spare_.push_back(std::move(over));
  loop_.mark_changed(room);
  if (again || room.next_seq() > end || room.tell_viewers) request(room);
}

}  // namespace spillway::server
