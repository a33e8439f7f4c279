#include "room/simulation/judge.h"

#include <algorithm>
#include <charconv>

#include "protocol/chat_prefix.h"

namespace spillway::room::simulation {
namespace {

std::string text(const protocol::Position& position) {
  return position.epoch + ":" + std::to_string(position.seq);
}

}  // namespace

void Judge::complain(std::string what) {
  time_.trace([&] { return "WRONG: " + what; });
  wrong_.push_back(std::move(what));
}

protocol::Position Judge::registered(const std::string& viewer,
                                     const std::optional<protocol::Position>& position,
                                     const Registered& answer) {
  const protocol::Position& now = answer.position;
  const auto wrong = [&](const char* what) {
    complain(viewer + " at " + (position ? text(*position) : "no position") + ", registered at " +
             text(now) + ": " + what);
  };
  if (!ledger_.knows(now.epoch)) {
    wrong("no such epoch");
    return now;
  }
  if (position.has_value() != answer.recovered.has_value()) wrong("a verdict too many or too few");
  if (!position || !answer.recovered) return now;
  if (ledger_.birth(now.epoch) < ledger_.birth(position->epoch)) wrong("an older epoch");
  if (*answer.recovered) {
    if (now.seq != position->seq) wrong("recovered, at another seq");
    if (!ledger_.lives_on(*position, now.epoch)) wrong("recovered, in another order");
    return now;
  }
  ++losses_;
  if (ledger_.follows(*position, now.epoch) && position->seq + 1 > ledger_.gone_up_to(now.epoch)) {
    wrong("not recovered, but the history has what follows");
  }
  if (now.epoch == position->epoch && now.seq < position->seq) wrong("back to what was seen");
  return now;
}

// Plain frames and coalesced arrays alike hold each message with its seq in front.
void Judge::written(const std::string& viewer, protocol::Position& position,
                    std::string_view bytes) {
  for (std::size_t at = 0;;) {
    at = bytes.find(protocol::kChatPrefixHead, at);
    if (at == std::string_view::npos) return;
    at += protocol::kChatPrefixHead.size();
    std::uint64_t seq = 0;
    std::from_chars(bytes.data() + at, bytes.data() + bytes.size(), seq);
    const std::size_t end = bytes.find('}', at);
    if (end == std::string_view::npos) {
      complain(viewer + " got half a message");
      return;
    }
    chat(viewer, position, seq, line_id(bytes.substr(at, end - at)));
    at = end;
  }
}

void Judge::chat(const std::string& viewer, protocol::Position& position, std::uint64_t seq,
                 LineId line) {
  ++messages_;
  if (seq != position.seq + 1) {
    complain(viewer + " at " + text(position) + " gets " + std::to_string(seq));
  }
  position.seq = seq;
  const LineId should = ledger_.at(position.epoch, seq);
  if (line != should) {
    complain(viewer + " has line " + std::to_string(line) + " at " + text(position) +
             ", where line " + std::to_string(should) + " is");
  }
}

void Judge::gap(const std::string& viewer, protocol::Position& position, const Gap& gap) {
  ++losses_;
  const std::string what = viewer + " at " + text(position) + " is told gap " +
                           std::to_string(gap.from) + "…" + std::to_string(gap.to);
  if (gap.from != position.seq + 1 || gap.to < gap.from) complain(what);
  if (gap.to > ledger_.gone_up_to(position.epoch)) complain(what + ", but the history has that");
  position.seq = gap.to;
}

void Judge::at_the_end(const std::string& viewer, const std::optional<protocol::Position>& position,
                       const EpochState& redis) {
  const protocol::Position should{redis.epoch, redis.seq};
  if (position && *position == should) return;
  complain(viewer + " ends at " + (position ? text(*position) : "no position") + ", Redis at " +
           text(should));
}

void Judge::said(const std::string& viewer, const std::vector<Said>& lines) {
  const std::vector<LineId> living = ledger_.living();
  const Said* before = nullptr;
  std::uint64_t before_seq = 0;
  for (const Said& line : lines) {
    const std::string what = viewer + "'s line " + std::to_string(line.id);
    const auto stands =
        static_cast<std::uint64_t>(std::count(living.begin(), living.end(), line.id));
    if (line.acked.empty()) complain(what + " was never acknowledged");
    if (stands + line.refused > line.sent) {
      complain(what + " was sent " + std::to_string(line.sent) + " times, refused " +
               std::to_string(line.refused) + " times, and stands " + std::to_string(stands) +
               " times");
    }
    const bool may_be_lost = data_lost_at_ && *data_lost_at_ >= line.first_sent;
    for (const std::uint64_t seq : line.acked) {
      const bool there = seq > 0 && seq <= living.size() && living[seq - 1] == line.id;
      if (!there && !may_be_lost) {
        complain(what + " was acknowledged as " + std::to_string(seq) + " and is not there");
      }
    }
    // What one connection sent once each stands in the order in which it was sent.
    if (line.sent != 1 || stands != 1) continue;
    const auto seq = static_cast<std::uint64_t>(std::find(living.begin(), living.end(), line.id) -
                                                living.begin() + 1);
    if (before != nullptr && before->connection == line.connection && before_seq > seq) {
      complain(what + " stands before " + std::to_string(before->id));
    }
    before = &line;
    before_seq = seq;
  }
}

void Judge::epochs() {
  if (ledger_.epochs() <= reasons_ + 1) return;
  complain(std::to_string(ledger_.epochs()) + " epochs, and " + std::to_string(reasons_) +
           " reasons for another than the first");
}

}  // namespace spillway::room::simulation
