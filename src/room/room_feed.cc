#include "room/room_feed.h"

#include <algorithm>
#include <utility>

namespace spillway::room {

void RoomFeed::want(std::uint32_t loop, const RoomSync& sync, FeedPort& port) {
  loops_[loop].wants = true;
  // Also while Redis is away: what is known is better than nothing.
  if (sync.opened()) send_snapshot(loop, sync, port);
}

bool RoomFeed::wanted() const {
  return std::any_of(loops_.begin(), loops_.end(), [](const Loop& loop) { return loop.wants; });
}

bool RoomFeed::recheck(std::uint32_t loop, const RoomSync& sync) {
  loops_[loop].recheck = true;
  if (sync.phase() == RoomSync::Phase::kLive) return true;
  recheck_again_ = true;  // what is under way may have been asked before
  return false;
}

void RoomFeed::append(const BatchPtr& batch, const RoomSync& sync, FeedPort& port) {
  for (std::uint32_t loop = 0; loop < loops_.size(); ++loop) send_batch(loop, batch, sync, port);
}

bool RoomFeed::opened(bool new_epoch, const RoomSync& sync, FeedPort& port) {
  const bool again = std::exchange(recheck_again_, false);
  for (std::uint32_t loop = 0; loop < loops_.size(); ++loop) {
    const Loop& at = loops_[loop];
    if (!at.wants) continue;
    const bool rechecked = at.recheck && !again;
    if (new_epoch || rechecked || !at.open || at.sent != sync.state().seq) {
      send_snapshot(loop, sync, port);
    }
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
  snapshot.rechecked = at.recheck && !recheck_again_;
  const bool rechecked = snapshot.rechecked;
  at.open = port.post(loop, std::move(snapshot));
  if (!at.open) {
    fell_behind(loop, port);
    return;
  }
  at.sent = sync.state().seq;
  if (rechecked) at.recheck = false;
}

void RoomFeed::send_batch(std::uint32_t loop, const BatchPtr& batch, const RoomSync& sync,
                          FeedPort& port) {
  Loop& at = loops_[loop];
  if (!at.open || at.behind) return;  // the snapshot, or the log, will have it
  if (port.post(loop, RoomBatch{room_, batch, sync.first_seq()})) {
    at.sent = batch->last_seq();
  } else {
    fell_behind(loop, port);
  }
}

void RoomFeed::fell_behind(std::uint32_t loop, FeedPort& port) {
  if (!std::exchange(loops_[loop].behind, true)) port.behind(loop);
}

void RoomFeed::bring_up(std::uint32_t loop, const RoomSync& sync, FeedPort& port) {
  Loop& at = loops_[loop];
  at.behind = false;
  if (!at.wants || !sync.opened()) return;
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
