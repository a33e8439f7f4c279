#include "redis/pipeline.h"

#include <algorithm>
#include <utility>

namespace spillway::redis {
namespace {

constexpr std::size_t kEntryBytes =
    128;  // bookkeeping of one command, with what its callback holds

}  // namespace

bool Pipeline::push(const Command& command, OnAnswer on_answer, TimePoint deadline) {
  const std::string_view resp = command.bytes();
  const std::size_t cost = resp.size() + kEntryBytes;
  if (bytes_ + cost > bytes_max_) return false;
  entries_.push_back({std::move(on_answer), deadline, cost});
  waiting_.append(resp);
  bytes_ += cost;
  earliest_ = std::min(earliest_, deadline);
  return true;
}

void Pipeline::take(std::string& out) {
  if (out.empty()) {
    std::swap(out, waiting_);
  } else {
    out.append(waiting_);
    waiting_.clear();
  }
  in_flight_ = entries_.size();
}

std::optional<OnAnswer> Pipeline::match() {
  if (in_flight_ == 0) return std::nullopt;
  OnAnswer on_answer = std::move(entries_.front().on_answer);
  bytes_ -= entries_.front().bytes;
  entries_.pop_front();
  --in_flight_;
  if (entries_.empty()) earliest_ = TimePoint::max();
  return on_answer;
}

bool Pipeline::expired(TimePoint now) {
  if (now < earliest_) return false;
  earliest_ = TimePoint::max();
  for (const Entry& entry : entries_) earliest_ = std::min(earliest_, entry.deadline);
  return earliest_ <= now;
}

std::vector<Pipeline::Lost> Pipeline::lose() {
  std::vector<Lost> lost;
  lost.reserve(entries_.size());
  for (Entry& entry : entries_) {
    const Fate fate = lost.size() < in_flight_ ? Fate::kUnknown : Fate::kNeverSent;
    lost.push_back({std::move(entry.on_answer), fate});
  }
  entries_.clear();
  waiting_.clear();
  in_flight_ = 0;
  bytes_ = 0;
  earliest_ = TimePoint::max();
  return lost;
}

}  // namespace spillway::redis
