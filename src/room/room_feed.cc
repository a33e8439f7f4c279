#include "room/room_feed.h"

#include <algorithm>
#include <utility>

namespace spillway::room {

void RoomFeed::want(std::uint32_t loop, const RoomSync& sync, FeedPort& port) {
  loops_[loop].wants = true;
  if (sync.tellable()) send_snapshot(loop, sync, port);
}

bool RoomFeed::wanted() const {
  return std::any_of(loops_.begin(), loops_.end(), [](const Loop& loop) { return loop.wants; });
}

bool RoomFeed::recheck(std::uint32_t loop, std::uint64_t question, const RoomSync& sync) {
  const bool live = sync.phase() == RoomSync::Phase::kLive;
  (live ? loops_[loop].put : loops_[loop].waiting) = question;
  return live;
}

void RoomFeed::append(const BatchPtr& batch, const RoomSync& sync, FeedPort& port) {
  for (std::uint32_t loop = 0; loop < loops_.size(); ++loop) send_batch(loop, batch, sync, port);
}

bool RoomFeed::opened(bool new_epoch, const RoomSync& sync, FeedPort& port) {
  // First for all: what a loop makes of its snapshot may be the next question.
  const bool again = answer_rechecks(sync);
  for (std::uint32_t loop = 0; loop < loops_.size(); ++loop) {
    const Loop& at = loops_[loop];
    if (!at.wants) continue;
    if (new_epoch || at.answered > 0 || !at.open || at.sent != sync.state().seq) {
      send_snapshot(loop, sync, port);
    }
  }
  return again;
}

// True: there are questions that Redis has to be asked now.
bool RoomFeed::answer_rechecks(const RoomSync& sync) {
  // A read that fills a hole has begun already: it asks nothing.
  const bool can_ask = sync.phase() != RoomSync::Phase::kReading;
  bool again = false;
  for (Loop& loop : loops_) {
    if (loop.put > 0) loop.answered = std::exchange(loop.put, 0);
    if (loop.waiting == 0 || !can_ask) continue;
    loop.put = std::exchange(loop.waiting, 0);
    again = true;
  }
  return again;
}

void RoomFeed::send_snapshot(std::uint32_t loop, const RoomSync& sync, FeedPort& port) {
  Loop& at = loops_[loop];
  RoomSnapshot snapshot;
  snapshot.room = room_;
  snapshot.state = sync.state();
  snapshot.first_seq = sync.first_seq();
  if (!sync.log().empty()) snapshot.batches = sync.log().after(0);
  const std::uint64_t answers = std::exchange(at.answered, 0);
  snapshot.answers = answers;
  at.rests = false;
  at.open = port.post(loop, std::move(snapshot));
  if (!at.open) {
    at.answered = answers;
    fell_behind(loop, port);
    return;
  }
  at.sent = sync.state().seq;
}

void RoomFeed::send_batch(std::uint32_t loop, const BatchPtr& batch, const RoomSync& sync,
                          FeedPort& port) {
  Loop& at = loops_[loop];
  at.rests = false;
  if (!at.open || at.behind) return;  // the snapshot, or the log, will have it
  if (port.post(loop, RoomBatch{std::string(room_), batch, sync.first_seq()})) {
    at.sent = batch->last_seq();
  } else {
    fell_behind(loop, port);
  }
}

void RoomFeed::rest(const RoomSync& sync, FeedPort& port) {
  for (std::uint32_t loop = 0; loop < loops_.size(); ++loop) {
    Loop& at = loops_[loop];
    const bool has_all = at.open && !at.behind && at.sent == sync.state().seq;
    if (!has_all || at.rests) continue;
    // Full: there is no hurry.
    at.rests = port.post(
        loop, RoomRest{std::string(room_), sync.log().empty() ? nullptr : sync.log().only()});
  }
}

void RoomFeed::fell_behind(std::uint32_t loop, FeedPort& port) {
  if (!std::exchange(loops_[loop].behind, true)) port.behind(loop);
}

void RoomFeed::bring_up(std::uint32_t loop, const RoomSync& sync, FeedPort& port) {
  Loop& at = loops_[loop];
  at.behind = false;
  if (!at.wants || !sync.tellable()) return;  // Opened will follow
  if (!at.open || at.sent + 1 < sync.first_seq()) {
    send_snapshot(loop, sync, port);
    return;
  }
  for (const BatchPtr& batch : sync.log().after(at.sent)) {
    send_batch(loop, batch, sync, port);
    if (at.behind) return;
  }
}

}  // namespace spillway::room
