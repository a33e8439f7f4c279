#include "room/room_log.h"

namespace spillway::room {

void RoomLog::append(BatchPtr batch) {
  if (!empty() && batch->first_seq != last_seq() + 1) clear();
  bytes_ += batch->lines.size();
  messages_ += batch->count;
  batches_.push(std::move(batch));
}

void RoomLog::clear() {
  batches_.clear();
  bytes_ = 0;
  messages_ = 0;
}

void RoomLog::truncate_after(std::uint64_t seq) {
  // A batch is atomic in Redis, so the cut falls between two of them, or of those that were joined.
  while (!empty() && last_seq() > seq) {
    const BatchPtr last = batches_.back();
    pop_back();
    if (last->first_seq <= seq) append(cut_after(*last, seq));
  }
}

void RoomLog::trim(const HistoryRules& rules, WallTime now) {
  while (!empty()) {
    const Batch& oldest = *batches_.front();
    const bool beyond_bytes = bytes_ > rules.bytes_max;
    const bool beyond_count = messages_ - oldest.count >= rules.messages;
    const bool beyond_window = oldest.newest.ms < now.ms - rules.window.count();
    if (!beyond_bytes && !(beyond_count && beyond_window)) return;
    drop_front();
  }
}

bool RoomLog::join(const HistoryRules& rules) {
  if (batches_.size() < 2) return bytes_ <= kJoinBytesMax;
  if (bytes_ + batches_.size() > kJoinBytesMax || messages_ > rules.messages) return false;
  BatchPtr all = room::join(after(0));
  clear();
  append(std::move(all));
  return true;
}

std::vector<BatchPtr> RoomLog::after(std::uint64_t seq) const {
  std::vector<BatchPtr> found;
  for (const BatchPtr& batch : batches_) {
    if (batch->last_seq() > seq) found.push_back(batch);
  }
  return found;
}

void RoomLog::drop_front() {
  const BatchPtr batch = batches_.pop();
  bytes_ -= batch->lines.size();
  messages_ -= batch->count;
}

void RoomLog::pop_back() {
  bytes_ -= batches_.back()->lines.size();
  messages_ -= batches_.back()->count;
  batches_.pop_back();
}

}  // namespace spillway::room
