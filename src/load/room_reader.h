// How one viewer follows its room: finds what it misses, what came twice and what came late.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "load/crowd.h"
#include "load/interruption.h"
#include "load/link.h"
#include "load/sequence.h"
#include "protocol/position.h"
#include "protocol/server_message_parser.h"

namespace spillway::load {

// Owned by its viewer.
class RoomReader {
 public:
  // `slow`: what it misses because it reads slowly is no loss, and how late it is no latency.
  RoomReader(Room& room, bool slow) : room_(&room), slow_(slow) {}

  Room& room() { return *room_; }
  const Room& room() const { return *room_; }
  bool slow() const { return slow_; }

  // Something is the matter with its connection: how long that keeps it from news is recorded.
  Interruption& interruption();

  void has_moved() {
    if (interruption_) interruption_->has_moved();
  }

  // It has no position any more. What it missed until now stays missed.
  void leave(Crowd& crowd);
  void move(Room& room, Crowd& crowd);

  // It is in its room. Where nobody said from where on it gets messages: all from now on.
  void entered();
  // From where on a server is asked for messages; nothing: from now on.
  std::optional<protocol::Position> position() const;

  // Takes as many whole frames off the front of `input` as are known to be the next ones, and
  // returns their bytes.
  std::size_t follow_transcript(Link& from, std::string_view input, TimePoint now, Crowd& crowd);

  // `text` is the WebSocket message that it came in.
  void on(Link& from, const protocol::ChatEvent& chat, std::string_view text, TimePoint now,
          Crowd& crowd);
  void on(Link& from, const protocol::RegisteredEvent& registered, Crowd& crowd);
  void on(const protocol::AckEvent& ack);
  void on(const protocol::GapEvent& gap, Crowd& crowd);

  // Messages that its room has had since it came and that never reached it, whether the server said
  // so or not.
  std::uint64_t missing(const Crowd& crowd) const;
  // Of these, what a later one has come of.
  std::uint64_t holes() const { return sequence_.missing(); }

 private:
  std::uint64_t epoch_hash() const;
  void news(TimePoint now, Crowd& crowd);
  void delivered(std::optional<TimePoint> due, TimePoint now, Crowd& crowd) const;
  void skip(std::uint64_t from, std::uint64_t to, Crowd& crowd);
  void count_missing(Crowd& crowd) const;

  Room* room_;
  const std::string* epoch_ = nullptr;  // of its position; null: it has none
  Sequence sequence_;
  std::unique_ptr<Interruption> interruption_;  // null: nothing is the matter
  bool positioned_ = false;                     // sequence_ means something
  bool slow_;
};

}  // namespace spillway::load
