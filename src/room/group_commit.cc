#include "room/group_commit.h"

#include <algorithm>

#include "base/check.h"

namespace spillway::room {

void GroupCommit::add(Outgoing message) { waiting_.push(std::move(message)); }

std::optional<TimePoint> GroupCommit::due() const {
  if (flight_ || waiting_.empty()) return std::nullopt;
  return began_ + kSpacing;
}

OutgoingBatch& GroupCommit::begin(std::uint64_t number, TimePoint now) {
  CHECK(!flight_ && !waiting_.empty());
  flight_.emplace();
  flight_->number = number;
  began_ = now;
  std::size_t bytes = 0;
  while (!waiting_.empty() && flight_->messages.size() < kBatchMessagesMax) {
    bytes += waiting_.front().line.size() + 1;
    if (bytes > kBatchBytesMax && !flight_->messages.empty()) break;
    flight_->messages.push_back(waiting_.pop());
  }
  return *flight_;
}

std::vector<Outgoing> GroupCommit::finish() {
  CHECK(flight_);
  std::vector<Outgoing> messages = std::move(flight_->messages);
  flight_.reset();
  return messages;
}

std::vector<Outgoing> GroupCommit::take_expired(TimePoint limit) {
  std::vector<Outgoing> expired;
  if (flight_ && !flight_->handed && !flight_->sending) {
    // Its messages are the oldest. What is young enough stays in the batch.
    auto& messages = flight_->messages;
    const auto young = std::find_if(messages.begin(), messages.end(),
                                    [limit](const Outgoing& m) { return m.accepted >= limit; });
    std::move(messages.begin(), young, std::back_inserter(expired));
    messages.erase(messages.begin(), young);
    if (messages.empty()) flight_.reset();
  }
  while (!waiting_.empty() && waiting_.front().accepted < limit) expired.push_back(waiting_.pop());
  return expired;
}

std::vector<GroupCommit::Waiter> GroupCommit::take_unanswered(TimePoint limit) {
  std::vector<Waiter> waiters;
  if (!flight_ || !(flight_->handed || flight_->sending)) return waiters;
  for (Outgoing& message : flight_->messages) {
    if (message.id.empty() || message.accepted >= limit) continue;
    waiters.push_back({message.viewer, std::move(message.id)});
    message.id.clear();
  }
  return waiters;
}

}  // namespace spillway::room
