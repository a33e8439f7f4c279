#include "server/loop_rooms.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "protocol/server_message.h"

namespace spillway::server {

void LoopRooms::enter(Viewer& viewer, const protocol::Register& request) {
  affinity_.check();
  loop_.counters[Counter::kRegisters]++;
  if (!viewer.pending) viewer.pending = std::make_unique<std::vector<PendingRegister>>();
  LoopRoom* const room = viewer.pending->size() < Viewer::kPendingRegistersMax
                             ? find_or_open(request.chat_id)
                             : nullptr;
  if (room == nullptr) {
    if (viewer.pending->empty()) viewer.pending.reset();
    loop_.counters[Counter::kUnavailable]++;
    loop_.send_error(viewer, protocol::ErrorCode::kUnavailable,
                     "too many rooms are being opened; register again later", {}, 1000);
    return;
  }
  PendingRegister pending;
  pending.room = room;
  pending.since = request.since;
  pending.history = request.history;
  pending.deadline = Clock::now() + kRegisterTimeout;
  if (room->open()) pending.seq = room->state.seq;
  viewer.pending->push_back(std::move(pending));
  ++room->waiting;
  resolve_after_turn(viewer);
}

// Another register may stand in the same input: only the last one is followed by messages. So all
// of it is read before the first is answered.
void LoopRooms::resolve_after_turn(const Viewer& viewer) {
  if (to_resolve_.empty()) {
    boost::asio::post(loop_.net.context, [this] {
      for (const ViewerId& id : std::exchange(to_resolve_, {})) {
        Viewer* const found = loop_.viewers.find(id);
        if (found == nullptr || !found->pending) continue;
        resolve(*found);
        if (found->pending) waiting_.push({found->pending->back().deadline, id});
      }
    });
  }
  to_resolve_.push_back(loop_.viewers.id_of(viewer));
}

LoopRoom* LoopRooms::speaks_in(const Viewer& viewer) {
  return viewer.pending ? viewer.pending->back().room : viewer.room;
}

void LoopRooms::leave(Viewer& viewer) {
  while (viewer.pending) pop_pending(viewer);
  detach(viewer);
  viewer.room = nullptr;
}

void LoopRooms::told_to_leave(Viewer& viewer) {
  if (!viewer.attached) return;
  ++viewer.room->leaving;
  loop_.mark_changed(*viewer.room);
}

LoopRoom* LoopRooms::find_or_open(std::string_view name) {
  if (LoopRoom* const room = rooms_.find(name)) return room;
  if (rooms_.size() >= kRoomsMax) return nullptr;
  // The hub may answer within the call, so the room is there first.
  LoopRoom& room = rooms_.add(std::make_unique<LoopRoom>(name));
  if (loop_.to_hub(WantRoom{loop_.index, room.name}) == Post::kFull) {
    loop_.counters[Counter::kMailboxFull]++;
    rooms_.erase(room);
    return nullptr;
  }
  return &room;
}

// Answers the viewer's registers in order, as far as their rooms are known.
void LoopRooms::resolve(Viewer& viewer) {
  while (viewer.pending && viewer.connection.state() == net::Connection::State::kOpen) {
    PendingRegister& front = viewer.pending->front();
    if (blocked(viewer, front)) return;
    const bool last = viewer.pending->size() == 1;
    answer(viewer, front, last);
    if (viewer.pending) pop_pending(viewer);
  }
}

bool LoopRooms::blocked(Viewer& viewer, PendingRegister& front) {
  LoopRoom& room = *front.room;
  const auto wait = [&] {
    room.waiters.push_back(loop_.viewers.id_of(viewer));
    return true;
  };
  if (!room.open()) return wait();
  if (!front.since || front.rechecked) return false;
  if (!must_ask(*front.since, room.state, room.first_seq())) return false;
  if (front.question == 0) {
    // The answer may come within the call: it finds the viewer only once it is listed.
    front.question = ++questions_;
    wait();
    if (loop_.to_hub(RecheckRoom{loop_.index, room.name, questions_}) == Post::kFull) {
      loop_.counters[Counter::kMailboxFull]++;  // the register's deadline answers
    }
    return true;
  }
  return wait();
}

void LoopRooms::answer(Viewer& viewer, const PendingRegister& request, bool last) {
  LoopRoom& room = *request.room;
  const room::Entry entry = room::enter({request.since, request.history, request.seq},
                                        room.holding(), loop_.options.history_messages);
  detach(viewer);
  viewer.room = &room;
  viewer.next = entry.position + 1;
  // It is counted before it is told the count.
  if (last) attach(viewer);
  send_registered(viewer, room, entry.recovered);
  if (last && viewer.attached && viewer.next < room.next_seq()) flusher_.catch_up(viewer);
}

void LoopRooms::send_registered(Viewer& viewer, const LoopRoom& room,
                                std::optional<bool> recovered) {
  loop_.answer.begin();
  protocol::append_registered(loop_.answer.json(), {room.name, room.state.epoch, viewer.next - 1,
                                                    recovered, viewers_of(room)});
  loop_.send(viewer);
}

std::uint64_t LoopRooms::viewers_of(const LoopRoom& room) {
  return std::max<std::uint64_t>(room.presence.viewers(), room.viewers());
}

void LoopRooms::pop_pending(Viewer& viewer) {
  LoopRoom& room = *viewer.pending->front().room;
  --room.waiting;
  viewer.pending->erase(viewer.pending->begin());
  if (viewer.pending->empty()) viewer.pending.reset();
  list_if_unused(room);
}

// The room could not be read in time: the connection stays where it was.
void LoopRooms::fail_front(Viewer& viewer) {
  pop_pending(viewer);
  loop_.counters[Counter::kUnavailable]++;
  loop_.send_error(viewer, protocol::ErrorCode::kUnavailable,
                   "the room could not be read; register again later", {}, 1000);
  if (!viewer.pending && viewer.room != nullptr && !viewer.attached) {
    attach(viewer);
    flusher_.catch_up(viewer);
  }
  resolve(viewer);
}

void LoopRooms::attach(Viewer& viewer) {
  LoopRoom& room = *viewer.room;
  room.ring(viewer.form);  // from now on it is kept
  viewer.next = std::min(viewer.next, room.next_seq());
  room.members.add(&viewer);
  viewer.attached = true;
  if (viewer.leave_tick != 0) ++room.leaving;
  loop_.mark_changed(room);
}

void LoopRooms::detach(Viewer& viewer) {
  if (!std::exchange(viewer.attached, false)) {
    if (viewer.room != nullptr) list_if_unused(*viewer.room);
    return;
  }
  LoopRoom& room = *viewer.room;
  room.members.remove(&viewer);
  if (viewer.leave_tick != 0) --room.leaving;
  loop_.mark_changed(room);
  list_if_unused(room);
}

void LoopRooms::handle(RoomSnapshot&& snapshot) {
  affinity_.check();
  LoopRoom* const room = rooms_.find(snapshot.room);
  if (room == nullptr) return;  // given back meanwhile
  const std::string old_epoch = room->state.epoch;
  const bool same = old_epoch == snapshot.state.epoch && room->state.seq == snapshot.state.seq;
  if (!same) room->load(snapshot);
  if (room->presence.viewers() == 0) room->presence.update(snapshot.viewers, Clock::now());
  if (!old_epoch.empty() && old_epoch != room->state.epoch) judge_again(*room, old_epoch);
  if (!same) flusher_.request(*room);
  for (const ViewerId& id : std::exchange(room->waiters, {})) {
    Viewer* const viewer = loop_.viewers.find(id);
    if (viewer == nullptr || !viewer->pending) continue;
    PendingRegister& front = viewer->pending->front();
    const bool asked = front.room == room && front.question > 0;
    if (asked && front.question <= snapshot.answers) front.rechecked = true;
    resolve(*viewer);
  }
}

// The room's order has begun a new epoch: every viewer gets its own verdict.
void LoopRooms::judge_again(LoopRoom& room, const std::string& old_epoch) {
  // Sending may close a viewer, and closing takes it out of the room.
  std::vector<ViewerId> viewers;
  viewers.reserve(room.members.size());
  for (const Viewer* viewer : room.members) viewers.push_back(loop_.viewers.id_of(*viewer));
  for (const ViewerId& id : viewers) {
    Viewer* const viewer = loop_.viewers.find(id);
    if (viewer == nullptr || viewer->room != &room) continue;
    const auto entry = enter_again({old_epoch, viewer->next - 1}, room.holding());
    viewer->next = entry.position + 1;
    send_registered(*viewer, room, entry.recovered);
  }
}

void LoopRooms::handle(const RoomBatch& message) {
  LoopRoom* const room = rooms_.find(message.room);
  if (room == nullptr || !room->open()) return;
  room->append(*message.batch, message.keep_from);
  flusher_.request(*room);
}

void LoopRooms::handle(const RoomTrim& trim) {
  LoopRoom* const room = rooms_.find(trim.room);
  if (room == nullptr || !room->open()) return;
  room->keep_from(trim.keep_from);
  room->drop_unused_ring();
}

void LoopRooms::handle(RoomRest&& rest) {
  LoopRoom* const room = rooms_.find(rest.room);
  // One that is flushed stirs, and is told again.
  if (room == nullptr || room->queued || room->flush) return;
  room->rest(std::move(rest.log));
}

void LoopRooms::handle(const RoomViewers& message) {
  for (const auto& count : message.counts) {
    LoopRoom* const room = rooms_.find(count.room);
    if (room == nullptr) continue;
    if (room->presence.update(count.viewers, Clock::now())) {
      room->tell_viewers = true;
      flusher_.request(*room);
    } else if (room->presence.behind() && !std::exchange(room->counting, true)) {
      counting_.push_back(room);
    }
  }
}

void LoopRooms::tick() {
  const TimePoint now = Clock::now();
  while (!waiting_.empty() && waiting_.front().deadline <= now) {
    Viewer* const viewer = loop_.viewers.find(waiting_.pop().viewer);
    if (viewer == nullptr || !viewer->pending) continue;
    if (viewer->pending->front().deadline <= now) fail_front(*viewer);
  }
  give_back_unused();
}

void LoopRooms::list_if_unused(LoopRoom& room) {
  if (!room.members.empty() || room.waiting > 0 || std::exchange(room.unused_listed, true)) return;
  unused_.push({loop_.wheel.now() + kLingerTicks, &room});
}

void LoopRooms::give_back_unused() {
  while (!unused_.empty() && unused_.front().tick <= loop_.wheel.now()) {
    LoopRoom& room = *unused_.pop().room;
    room.unused_listed = false;
    if (!room.members.empty() || room.waiting > 0) continue;  // used again
    // The last tally has to say that nobody is here before the room can go.
    const bool referred_to = !room.unused() || room.changed || room.counting;
    if (referred_to || loop_.to_hub(ReleaseRoom{loop_.index, room.name}) == Post::kFull) {
      list_if_unused(room);
      continue;
    }
    rooms_.erase(room);
  }
}

void LoopRooms::tally(Tally& tally) {
  tell_counts();
  tally.rooms = rooms_.size();
  for (LoopRoom* const room : std::exchange(loop_.changed_rooms, {})) {
    room->changed = false;
    if (room->deliveries > 0) room->deliveries_rate = room->deliveries;
    tally.changed.push_back({room->name, room->viewers(), std::exchange(room->deliveries, 0)});
  }
}

// Counts that changed too little to be told at once: within five seconds.
void LoopRooms::tell_counts() {
  const TimePoint now = Clock::now();
  std::vector<LoopRoom*> still;
  for (LoopRoom* const room : counting_) {
    if (room->presence.update(room->presence.viewers(), now)) {
      room->tell_viewers = true;
      flusher_.request(*room);
    }
    if (room->presence.behind()) {
      still.push_back(room);
    } else {
      room->counting = false;
    }
  }
  counting_ = std::move(still);
}

}  // namespace spillway::server
