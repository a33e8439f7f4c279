// All that was ever ordered in a simulated room, and how its epochs followed each other: what
// viewers are told is held against it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/position.h"
#include "room/batch.h"
#include "room/resume.h"

namespace spillway::room::simulation {

using LineId = std::uint32_t;  // 0: none

// The line that a message of this JSON carries.
LineId line_id(std::string_view json);

class Ledger {
 public:
  explicit Ledger(std::uint32_t history_messages) : history_messages_(history_messages) {}

  void began(const EpochState& epoch);
  void logged(const Batch& batch);
  // The log is gone up to here: by a fault, or since a script could not go on with it.
  void log_deleted();

  std::size_t epochs() const { return epochs_.size(); }
  bool knows(const std::string& epoch) const { return index(epoch) != kNone; }
  // How many epochs had begun before it. REQUIRES knows(epoch).
  std::size_t birth(const std::string& epoch) const { return index(epoch); }

  // The line at a seq in the order of an epoch and of those that it continues.
  LineId at(const std::string& epoch, std::uint64_t seq) const;
  // The order of the newest epoch, from seq 1 on.
  std::vector<LineId> living() const;
  // What stood before the position stands there in `epoch` too.
  bool lives_on(const protocol::Position& position, const std::string& epoch) const;
  // As a server that knows `epoch` and only the one before it can tell.
  bool follows(const protocol::Position& position, const std::string& epoch) const;
  // Up to this seq the history of the epoch's order may be gone.
  std::uint64_t gone_up_to(const std::string& epoch) const;

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};
  struct Epoch {
    std::string name;
    std::size_t before = kNone;  // the epoch that it continues, up to before_seq
    std::uint64_t before_seq = 0;
    std::vector<LineId> lines;  // of before_seq + 1 and on
    std::uint64_t log_deleted_at = 0;
    std::uint64_t seq() const { return before_seq + lines.size(); }
  };
  std::size_t index(const std::string& epoch) const;
  LineId at(std::size_t epoch, std::uint64_t seq) const;

  const std::uint32_t history_messages_;
  std::vector<Epoch> epochs_;
};

}  // namespace spillway::room::simulation
