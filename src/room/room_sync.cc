#include "room/room_sync.h"

#include <algorithm>
#include <utility>

namespace spillway::room {

void RoomSync::start(SyncActions& out) {
  phase_ = Phase::kSubscribing;
  out.push_back(Subscribe{});
}

void RoomSync::subscribed(SyncActions& out) {
  switch (phase_) {
    case Phase::kAway:
      return;
    case Phase::kSubscribing:
      settle(out);
      return;
    // Confirmed again without a loss in between: something may have been missed, so look, and not
    // only with the question that is under way, which may have been answered before.
    case Phase::kSettling:
    case Phase::kReading:
      resettle_ = true;
      return;
    case Phase::kLive:
      settle(out);
      return;
  }
}

void RoomSync::recheck(SyncActions& out) {
  if (phase_ == Phase::kLive) settle(out);
}

void RoomSync::retry(SyncActions& out) {
  if (phase_ == Phase::kSettling || phase_ == Phase::kReading) settle(out);
}

void RoomSync::lost() {
  phase_ = Phase::kAway;
  read_.clear();
  stash_.clear();
  stash_bytes_ = 0;
  resettle_ = false;
}

void RoomSync::acked(const std::string& epoch, std::uint64_t seq) {
  if (epoch == state_.epoch) acked_seq_ = std::max(acked_seq_, seq);
}

bool RoomSync::rest(WallTime now) {
  if (phase_ != Phase::kLive) return false;
  const std::chrono::milliseconds quiet =
      kQuietAfter + std::chrono::seconds(log_.bytes() / kQuietBytesPerSecond);
  if (!log_.empty() && log_.newest().ms + quiet.count() > now.ms) return false;
  return log_.join(rules_);
}

void RoomSync::settle(SyncActions& out) {
  phase_ = Phase::kSettling;
  read_.clear();
  resettle_ = false;
  stash_before_settle_ = stash_.size();
  out.push_back(Settle{});
}

void RoomSync::settled(const EpochState& redis, SyncActions& out) {
  if (phase_ != Phase::kSettling) return;
  drop_stale_stash(redis.epoch);
  if (redis.epoch != state_.epoch) adopt(redis);
  target_ = std::max(redis.seq, state_.seq);
  read(out);
}

// A new epoch: keeps of the log what it continues.
void RoomSync::adopt(const EpochState& redis) {
  const bool continues = opened_ && redis.prev_epoch == state_.epoch;
  new_epoch_ = new_epoch_ || opened_;
  acked_seq_ = 0;
  if (!continues) {
    log_.clear();
    whole_ = false;
    from_start_ = true;
    state_ = redis;
    state_.seq = 0;  // nothing of it is known here yet
    opened_ = false;
    return;
  }
  // The stream of a Redis that went back begins before what is left of a log that did not.
  if (state_.seq > redis.prev_seq) {
    whole_ = false;
    from_start_ = true;
  }
  log_.truncate_after(redis.prev_seq);
  const std::uint64_t kept = std::min(state_.seq, redis.prev_seq);
  state_ = redis;
  state_.seq = kept;
}

void RoomSync::read(SyncActions& out) {
  phase_ = Phase::kReading;
  if ((from_start_ ? 0 : state_.seq) == target_) {  // nothing new; or nothing at all
    finish_reading({}, out);
    return;
  }
  out.push_back(ReadPage{from_start_ ? 1 : state_.seq + 1, target_});
}

void RoomSync::page(std::vector<BatchPtr> batches, bool complete, std::string_view epoch,
                    WallTime now, SyncActions& out) {
  if (phase_ != Phase::kReading) return;
  if (epoch != state_.epoch) return settle(out);  // the room's meta went while this was read
  for (BatchPtr& batch : batches) {
    // Newest first and without holes: what does not join is older than anything that helps.
    const bool joins = read_.empty() ? batch->last_seq() <= target_
                                     : batch->last_seq() + 1 == read_.back()->first_seq;
    if (!joins) {
      complete = true;
      break;
    }
    read_.push_back(std::move(batch));
  }
  const std::uint64_t from = from_start_ ? 1 : state_.seq + 1;
  if (!complete && !read_.empty() && read_.back()->first_seq > from) {
    out.push_back(ReadPage{from, read_.back()->first_seq - 1});
    return;
  }
  finish_reading(now, out);
}

void RoomSync::finish_reading(WallTime now, SyncActions& out) {
  // The newest entry must end where Redis said; else the log has expired, and nothing of it joins.
  if (!read_.empty() && read_.front()->last_seq() != target_) read_.clear();
  bool fresh = std::exchange(from_start_, false);
  if (fresh && !log_.empty() && (read_.empty() || read_.back()->first_seq > log_.first_seq())) {
    fresh = false;  // what is left here is more than what the stream has
    while (!read_.empty() && read_.back()->last_seq() <= state_.seq) read_.pop_back();
  }
  if (fresh || read_.empty() || read_.back()->first_seq != state_.seq + 1) {
    // First time, or a hole that the stream no longer fills: the log begins anew behind it.
    if (fresh || state_.seq != target_) log_.clear();
  }
  const std::vector<BatchPtr> found = std::exchange(read_, {});
  for (auto batch = found.rbegin(); batch != found.rend(); ++batch) {
    log_.append(*batch);
    if (!fresh && !new_epoch_) out.push_back(Append{*batch});
  }
  state_.seq = target_;
  opened_ = true;
  whole_ = true;
  log_.trim(rules_, now);
  go_live(now, out);
}

void RoomSync::go_live(WallTime now, SyncActions& out) {
  phase_ = Phase::kLive;
  out.push_back(Opened{std::exchange(new_epoch_, false)});
  stash_bytes_ = 0;
  for (BatchPtr& batch : std::exchange(stash_, {})) {
    if (phase_ == Phase::kLive) {
      take(std::move(batch), now, out);
    } else {
      stash(std::move(batch));  // one of them began another read
    }
  }
  if (phase_ == Phase::kSettling) stash_before_settle_ = stash_.size();
  if (resettle_ && phase_ == Phase::kLive) settle(out);
}

void RoomSync::live(BatchPtr batch, WallTime now, SyncActions& out) {
  switch (phase_) {
    case Phase::kLive:
      take(std::move(batch), now, out);
      return;
    case Phase::kSettling:
    case Phase::kReading:
      stash(std::move(batch));
      return;
    case Phase::kAway:
    case Phase::kSubscribing:
      return;  // the read that follows will have it
  }
}

void RoomSync::take(BatchPtr batch, WallTime now, SyncActions& out) {
  if (batch->epoch != state_.epoch) {
    stash(std::move(batch));
    settle(out);
    return;
  }
  if (batch->first_seq <= state_.seq) return;  // already here
  if (batch->first_seq > state_.seq + 1) {
    target_ = batch->first_seq - 1;
    stash(std::move(batch));
    read(out);
    return;
  }
  state_.seq = batch->last_seq();
  log_.append(batch);
  log_.trim(rules_, now);
  out.push_back(Append{std::move(batch)});
}

void RoomSync::stash(BatchPtr batch) {
  stash_bytes_ += batch->lines.size();
  if (stash_bytes_ > kStashBytesMax) {
    stash_.clear();
    stash_bytes_ = 0;
    stash_before_settle_ = 0;
    resettle_ = true;
    return;
  }
  stash_.push_back(std::move(batch));
}

// What came before the script was asked, and is of another epoch than it answered, is older than
// the answer and part of what will be read.
void RoomSync::drop_stale_stash(const std::string& epoch) {
  const auto asked =
      stash_.begin() + static_cast<std::ptrdiff_t>(std::min(stash_before_settle_, stash_.size()));
  const auto stale = [&epoch](const BatchPtr& batch) { return batch->epoch != epoch; };
  stash_.erase(std::remove_if(stash_.begin(), asked, stale), asked);
  stash_before_settle_ = 0;
}

}  // namespace spillway::room
