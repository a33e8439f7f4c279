#include "load/room_reader.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "load/load_text.h"

namespace spillway::load {

void RoomReader::leave(Crowd& crowd) {
  count_missing(crowd);
  sequence_.begin(0);
  positioned_ = false;
  epoch_ = nullptr;
}

void RoomReader::move(Room& room, Crowd& crowd) {
  leave(crowd);
  room_ = &room;
}

void RoomReader::count_missing(Crowd& crowd) const {
  if (!slow_) crowd.tally->add(Metric::kLeftMissing, sequence_.missing());
}

void RoomReader::entered() {
  if (!std::exchange(positioned_, true)) sequence_.begin(room_->progress->said());
}

std::optional<protocol::Position> RoomReader::position() const {
  if (!positioned_ || epoch_ == nullptr) return std::nullopt;
  return protocol::Position{*epoch_, sequence_.next() - 1};
}

std::uint64_t RoomReader::epoch_hash() const {
  return epoch_ == nullptr ? 0 : std::hash<std::string>{}(*epoch_);
}

std::size_t RoomReader::follow_transcript(Link& from, std::string_view input, TimePoint now,
                                          Crowd& crowd) {
  if (!positioned_) return 0;
  std::size_t taken = 0;
  while (const Transcript::Entry* entry = room_->transcript.find(sequence_.next())) {
    if (!input.substr(taken).starts_with(entry->frame)) break;
    taken += entry->frame.size();
    sequence_.advance();
    delivered(entry->due, now, crowd);
  }
  if (taken == 0) return 0;
  from.next = sequence_.next();
  news(now, crowd);
  return taken;
}

void RoomReader::on(Link& from, const protocol::ChatEvent& chat, std::string_view text,
                    TimePoint now, Crowd& crowd) {
  const std::optional<LoadText> ours = read_load_text(chat.message);
  const bool of_this_run = ours && ours->author.run == crowd.author.run;
  std::optional<TimePoint> due;
  if (ours && ours->author == crowd.author) due = ours->due;
  crowd.numbered = !chat.seq;
  // Without seq nobody knows the order, but what is missing or doubled shows by our own numbers.
  if (!chat.seq && !of_this_run) return delivered(due, now, crowd);
  const std::uint64_t seq = chat.seq ? *chat.seq : ours->number;
  if (!std::exchange(positioned_, true)) sequence_.begin(seq - 1);

  const bool seen_on_link = seq < from.next;
  from.next = std::max(from.next, seq + 1);
  switch (sequence_.saw(seq)) {
    case Sequence::Verdict::kRepeat:
      // In a hand-over both connections bring the same messages; and what has a number of ours may
      // have been said before this viewer came.
      if (seen_on_link) {
        crowd.tally->add(Metric::kDuplicates);
      } else if (!chat.seq) {
        delivered(due, now, crowd);
      }
      return;
    case Sequence::Verdict::kLate:
      if (chat.seq) crowd.tally->add(Metric::kOutOfOrder);
      break;
    case Sequence::Verdict::kNext:
    case Sequence::Verdict::kAfterHole:
      break;
  }
  delivered(due, now, crowd);
  news(now, crowd);
  room_->progress->reached(epoch_hash(), seq);
  const bool alone = text.starts_with('{');  // not in the coalesced form
  if (alone && epoch_ == room_->epoch) room_->transcript.add(seq, due, text);
}

Interruption& RoomReader::interruption() {
  if (!interruption_) interruption_ = std::make_unique<Interruption>();
  return *interruption_;
}

void RoomReader::news(TimePoint now, Crowd& crowd) {
  if (interruption_ && interruption_->news(now, sequence_.next(), *crowd.tally)) {
    interruption_.reset();
  }
}

// When a slow line brings something says nothing about the server.
void RoomReader::delivered(std::optional<TimePoint> due, TimePoint now, Crowd& crowd) const {
  crowd.delivered(slow_ ? std::nullopt : due, now);
}

// What it missed while it was away, by the server's verdict and by what it knows itself.
void RoomReader::on(Link& from, const protocol::RegisteredEvent& registered, Crowd& crowd) {
  from.registered = true;
  from.next = registered.seq + 1;
  const std::string* const epoch = crowd.epoch(registered.epoch);
  const bool same = epoch == std::exchange(epoch_, epoch);
  if (std::exchange(room_->epoch, epoch) != epoch) room_->transcript.forget();
  room_->progress->registered(epoch_hash(), registered.seq);
  if (interruption_) interruption_->is_back(registered.seq, room_->progress->newest());
  if (!std::exchange(positioned_, true)) return sequence_.begin(registered.seq);
  if (registered.recovered == true) return;
  if (same && registered.seq >= sequence_.next()) {
    if (registered.recovered) {
      crowd.tally->add(Metric::kGaps);
      skip(sequence_.next(), registered.seq, crowd);
    } else {
      sequence_.skip(sequence_.next(), registered.seq);  // it never asked for them
    }
  }
  if (same) return;
  if (registered.recovered) crowd.tally->add(Metric::kUnrecovered);
  count_missing(crowd);
  sequence_.begin(registered.seq);
}

void RoomReader::on(const protocol::AckEvent& ack) {
  if (ack.chat_id == room_->name) room_->progress->reached(epoch_hash(), ack.seq);
}

void RoomReader::on(const protocol::GapEvent& gap, Crowd& crowd) {
  crowd.tally->add(Metric::kGaps);
  if (positioned_) skip(gap.from, gap.to, crowd);
}

void RoomReader::skip(std::uint64_t from, std::uint64_t to, Crowd& crowd) {
  const std::uint64_t skipped = sequence_.skip(from, to);
  crowd.tally->add(Metric::kGapMessages, skipped);
  if (slow_) crowd.tally->add(Metric::kSlowSkipped, skipped);
}

std::uint64_t RoomReader::missing(const Crowd& crowd) const {
  if (!positioned_) return 0;
  // Who is still in an earlier epoch cannot know what the room has had in its present one.
  if (epoch_ != room_->epoch) return holes();
  const std::uint64_t newest = crowd.numbered ? room_->progress->said() : room_->progress->newest();
  return holes() + newest + 1 - std::min(sequence_.next(), newest + 1);
}

}  // namespace spillway::load
