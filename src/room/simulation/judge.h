// What viewers were promised, held against what they are told: see docs/protocol.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/position.h"
#include "room/simulation/ledger.h"
#include "room/simulation/loop_messages.h"
#include "room/simulation/timeline.h"

namespace spillway::room::simulation {

// One line of chat and what became of it.
struct Said {
  LineId id = 0;
  TimePoint first_sent{};
  std::uint32_t connection = 0;  // of the first time
  std::uint32_t sent = 0;        // so often
  std::uint32_t refused = 0;
  std::vector<std::uint64_t> acked{};  // as which seq
};

class Judge {
 public:
  Judge(Timeline& time, const Ledger& ledger) : time_(time), ledger_(ledger) {}

  // Redis lost something: what was sent before may be gone.
  void data_lost() { data_lost_at_ = time_.now(); }
  // Redis began anew, or lost the room: a reason for an epoch.
  void reason_for_epoch() { ++reasons_; }

  // A viewer at `position` is told something; returns where it is then.
  protocol::Position registered(const std::string& viewer,
                                const std::optional<protocol::Position>& position,
                                const Registered& answer);
  void written(const std::string& viewer, protocol::Position& position, std::string_view bytes);
  void gap(const std::string& viewer, protocol::Position& position, const Gap& gap);

  // At the end.
  void at_the_end(const std::string& viewer, const std::optional<protocol::Position>& position,
                  const EpochState& redis);
  void said(const std::string& viewer, const std::vector<Said>& lines);
  void epochs();

  void complain(std::string what);
  const std::vector<std::string>& wrong() const { return wrong_; }
  std::uint64_t messages() const { return messages_; }
  std::uint64_t losses() const { return losses_; }

 private:
  void chat(const std::string& viewer, protocol::Position& position, std::uint64_t seq,
            LineId line);

  Timeline& time_;
  const Ledger& ledger_;
  std::optional<TimePoint> data_lost_at_;
  std::uint64_t reasons_ = 0;
  std::uint64_t messages_ = 0;  // that viewers saw
  std::uint64_t losses_ = 0;    // that they were told of
  std::vector<std::string> wrong_;
};

}  // namespace spillway::room::simulation
