// The messages of one room on their way to Redis: at most one batch in flight, and what arrives
// meanwhile is the next one. A quiet room pays one round trip, a hot one a call for hundreds.
//
// Owned by the hub. Pure: time and batch numbers come in. Bounded by the hub, which counts bytes
// over all rooms before it adds.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fifo.h"
#include "base/strong_id.h"

namespace spillway::room {

// One accepted `chat`.
struct Outgoing {
  ViewerId viewer;
  std::string id;    // the client's; empty: nobody waits for an answer
  std::string line;  // its JSON on the bus
  TimePoint accepted{};
};

// The accepted messages that one call hands to Redis. It stands outside GroupCommit because clang
// cannot default-construct an optional of a nested class with default member values inside the
// class itself.
struct OutgoingBatch {
  std::uint64_t number = 0;  // of this process; a repeat has the same
  std::vector<Outgoing> messages;
  std::uint64_t expected = 0;  // its first seq, if nobody else says something meanwhile
  bool renews = false;         // how long Redis keeps the room
  bool handed = false;         // Redis may have it: it is repeated until its fate is known
  bool sending = false;        // an answer is awaited
};

class GroupCommit {
 public:
  static constexpr std::size_t kBatchMessagesMax = 512;
  static constexpr std::size_t kBatchBytesMax = 256 * 1024;
  // From the start of one batch to the start of the next: at most 200 calls a second.
  static constexpr std::chrono::milliseconds kSpacing{5};

  void add(Outgoing message);

  bool idle() const { return waiting_.empty() && !flight_; }
  std::size_t waiting() const { return waiting_.size(); }
  OutgoingBatch* in_flight() { return flight_ ? &*flight_ : nullptr; }
  const OutgoingBatch* in_flight() const { return flight_ ? &*flight_ : nullptr; }

  // When the next batch may begin; nothing while one is in flight or none is waiting.
  std::optional<TimePoint> due() const;

  // Puts the next batch in flight. REQUIRES due() <= now.
  OutgoingBatch& begin(std::uint64_t number, TimePoint now);

  // The batch in flight was answered: gives back its messages.
  std::vector<Outgoing> finish();

  // Takes out the messages accepted before `limit` that Redis was never handed.
  std::vector<Outgoing> take_expired(TimePoint limit);

  // Who waits for an answer to a message accepted before `limit` that Redis may have. They are not
  // answered any more, but the batch is repeated all the same.
  struct Waiter {
    ViewerId viewer;
    std::string id;
  };
  std::vector<Waiter> take_unanswered(TimePoint limit);

 private:
  Fifo<Outgoing> waiting_;  // in the order they were accepted
  std::optional<OutgoingBatch> flight_;
  TimePoint began_{};
};

}  // namespace spillway::room
