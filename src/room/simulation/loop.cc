#include "room/simulation/loop.h"

#include <algorithm>
#include <utility>

#include "base/overloaded.h"

namespace spillway::room::simulation {
namespace {

constexpr std::chrono::seconds kRegisterDeadline{10};
constexpr milliseconds kUnusedFor{1500};

}  // namespace

Loop::Loop(Timeline& time, const Weather& weather, std::uint32_t index,
           std::function<void(HubMessage&&)> to_hub)
    : time_(time), weather_(weather), index_(index), to_hub_(std::move(to_hub)) {}

template <typename Fn>
void Loop::in(Duration delay, Fn fn) {
  time_.in(delay, [alive = alive_, fn = std::move(fn)] {
    if (*alive) fn();
  });
}

Loop::Session* Loop::find(ViewerId id) {
  const auto found = sessions_.find(id.slot);
  return found == sessions_.end() ? nullptr : &found->second;
}

std::vector<ViewerId> Loop::all() const {
  std::vector<ViewerId> ids;
  for (const auto& [slot, session] : sessions_) {
    if (session.attached) ids.push_back(session.id);
  }
  return ids;
}

bool Loop::has_members() const {
  return std::any_of(sessions_.begin(), sessions_.end(),
                     [](const auto& at) { return at.second.attached; });
}

ViewerId Loop::connect(WireForm form, ToViewer to_viewer) {
  const ViewerId id{index_, ++sessions_ever_, 1};
  Session session;
  session.id = id;
  session.form = form;
  session.to_viewer = std::move(to_viewer);
  sessions_.emplace(id.slot, std::move(session));
  return id;
}

void Loop::enter(ViewerId viewer, Wish wish) {
  Session* const session = find(viewer);
  if (session == nullptr) return;
  if (!room_) {
    room_ = std::make_unique<RoomRings>();
    to_hub_(WantRoom{});
  }
  if (room_->open()) wish.seq = room_->state.seq;
  session->pending = Pending{std::move(wish), time_.now() + kRegisterDeadline};
  in(Duration{0}, [this, viewer] {
    if (Session* const found = find(viewer)) resolve(*found);
  });
}

void Loop::say(ViewerId viewer, LineId line, std::string json) {
  if (find(viewer) == nullptr) return;
  to_hub_(Outgoing{viewer, std::to_string(line), std::move(json), time_.now()});
}

void Loop::leave(ViewerId viewer) {
  sessions_.erase(viewer.slot);
  used_at_ = time_.now();
}

void Loop::handle(LoopMessage&& message) {
  const auto tell = [this](ViewerId viewer, ViewerMessage&& what) {
    if (Session* const session = find(viewer)) session->to_viewer(std::move(what));
  };
  std::visit(overloaded{[&](RoomSnapshot& snapshot) { handle(snapshot); },
                        [&](const RoomBatch& batch) { handle(batch); },
                        [&](const KeepFrom& keep) { keep_from(keep.seq); },
                        [&](RoomRest& rest) {
                          if (room_ && !flush_requested_ && !flush_) room_->rest(rest.log);
                        },
                        [&](const Acks& acks) {
                          for (const auto& ack : acks.acks)
                            tell(ack.viewer, Acked{ack.line, ack.seq});
                        },
                        [&](const Unavailable& refused) {
                          for (const auto& one : refused.messages) {
                            tell(one.viewer, Refusal{static_cast<LineId>(std::stoul(one.id))});
                          }
                        },
                        [&](const FateUnknown& unknown) {
                          for (const ViewerId viewer : unknown.viewers) {
                            tell(viewer, Closed{});
                            leave(viewer);
                          }
                        }},
             message);
}

// What follows is server/loop_rooms.cc.

void Loop::handle(RoomSnapshot& snapshot) {
  if (!room_) return;  // given back meanwhile
  const std::string old_epoch = room_->state.epoch;
  const bool same = old_epoch == snapshot.state.epoch && room_->state.seq == snapshot.state.seq;
  if (!same) {
    room_->load(snapshot);
    if (flush_) flush_->end = room_->offered;
  }
  if (!old_epoch.empty() && old_epoch != room_->state.epoch) judge_again(old_epoch);
  if (!same) request_flush();
  for (const ViewerId& id : std::exchange(waiters_, {})) {
    Session* const session = find(id);
    if (session == nullptr || !session->pending) continue;
    Pending& pending = *session->pending;
    if (pending.question > 0 && pending.question <= snapshot.answers) pending.rechecked = true;
    resolve(*session);
  }
}

void Loop::handle(const RoomBatch& batch) {
  if (!room_ || !room_->open() || !room_->append(*batch.batch)) return;
  keep_from(batch.keep_from);
  request_flush();
}

void Loop::keep_from(std::uint64_t seq) {
  if (!room_ || !room_->open()) return;
  if (has_members()) {
    room_->drop_offered_before(seq);
  } else {
    room_->drop_before(seq);
  }
}

void Loop::resolve(Session& session) {
  if (!session.pending || blocked(session)) return;
  const Entry entry = room::enter(session.pending->wish, room_->holding(), weather_.rules.messages);
  session.pending.reset();
  room_->ring(session.form);
  session.next = std::min(entry.position + 1, room_->next_seq());
  session.attached = true;
  send_registered(session, {session.next - 1, entry.recovered});
  catch_up(session);
}

bool Loop::blocked(Session& session) {
  Pending& pending = *session.pending;
  if (room_->open()) {
    if (!pending.wish.since || pending.rechecked) return false;
    if (!must_ask(*pending.wish.since, room_->state, room_->first_seq())) return false;
  }
  waiters_.push_back(session.id);
  if (room_->open() && pending.question == 0) {
    pending.question = ++questions_;
    to_hub_(RecheckRoom{questions_});
  }
  return true;
}

void Loop::send_registered(Session& session, const Entry& entry) {
  session.to_viewer(Registered{{room_->state.epoch, entry.position}, entry.recovered, time_.now()});
}

void Loop::judge_again(const std::string& old_epoch) {
  for (const ViewerId& id : all()) {
    Session& session = *find(id);
    const Entry entry = enter_again({old_epoch, session.next - 1}, room_->holding());
    session.next = entry.position + 1;
    send_registered(session, entry);
  }
}

void Loop::tick() {
  for (auto& [slot, session] : sessions_) {
    if (!session.pending || session.pending->deadline > time_.now()) continue;
    session.pending.reset();
    session.to_viewer(RegisterFailed{});
  }
  release_if_unused();
}

void Loop::release_if_unused() {
  if (!room_ || !sessions_.empty() || flush_requested_ || flush_) return;
  if (time_.now() - used_at_ < kUnusedFor) return;
  room_.reset();
  to_hub_(ReleaseRoom{});
}

// What follows is server/flusher.cc: a flush is begun, goes on in turns, and is over.

void Loop::request_flush() {
  if (!has_members() || std::exchange(flush_requested_, true)) return;
  in(time_.between(microseconds(0), milliseconds(3)), [this] { begin_flush(); });
}

void Loop::begin_flush() {
  flush_requested_ = false;
  if (flush_) {
    request_flush();
    return;
  }
  flush_ = Flush{room_->next_seq(), all()};
  go_on_flushing();
}

void Loop::go_on_flushing() {
  for (int i = 0; i < 2 && !flush_->rest.empty(); ++i) {
    Session* const session = find(flush_->rest.back());
    flush_->rest.pop_back();
    if (session == nullptr || !session->attached || !session->writable) continue;
    write(*session, flush_->end);
  }
  if (flush_->rest.empty()) {
    finish_flush();
  } else {
    in(microseconds(500), [this] { go_on_flushing(); });
  }
}

void Loop::finish_flush() {
  const std::uint64_t end = flush_->end;
  flush_.reset();
  room_->offered = std::max(room_->offered, end);
  if (room_->next_seq() > end) request_flush();
}

void Loop::writable(ViewerId viewer) {
  Session* const session = find(viewer);
  if (session == nullptr) return;
  session->writable = true;
  catch_up(*session);
}

void Loop::catch_up(Session& session) {
  if (session.attached && session.writable) write(session, room_->next_seq());
}

void Loop::write(Session& session, std::uint64_t end) {
  const Ring& ring = room_->ring(session.form);
  if (session.next < ring.first_seq()) {
    session.to_viewer(Gap{session.next, ring.first_seq() - 1, time_.now()});
    session.next = ring.first_seq();
  }
  if (session.next >= end) return;
  plan_.build(ring, session.form, session.next, end, {});
  std::string bytes;
  if (time_.one_in(weather_.one_short_write_in)) {
    const std::size_t written = time_.below(plan_.bytes());
    const auto cut = plan_.cut(ring, written);
    plan_.copy(0, written + cut.rest, bytes);
    session.next = cut.next;
    session.writable = false;
    in(time_.between(milliseconds(1), milliseconds(200)),
       [this, viewer = session.id] { writable(viewer); });
  } else {
    plan_.copy(0, plan_.bytes(), bytes);
    session.next = plan_.to();
  }
  session.to_viewer(Written{std::move(bytes)});
}

}  // namespace spillway::room::simulation
