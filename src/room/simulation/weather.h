// What goes wrong in one schedule, and how often. Each seed has its own mix, so that faults are
// seen alone as well as together.
#pragma once

#include <cstdint>

#include "room/history_rules.h"
#include "room/simulation/timeline.h"

namespace spillway::room::simulation {

struct Weather {
  explicit Weather(Timeline& time)
      : servers(2 + time.below(3)),
        loops(1 + time.below(2)),
        viewers(2 + time.below(4)),
        rules{static_cast<std::uint32_t>(3 + time.below(15)), milliseconds(0), 1024 * 1024},
        faults_max(time.below(9)),
        mailbox_messages(time.one_in(3) ? 1 + time.below(3) : 1000),
        one_slow_answer_in(time.one_in(2) ? 2 + time.below(5) : 200),
        one_slow_push_in(time.one_in(2) ? 6 : 200),
        one_lost_push_in(time.one_in(3) ? 12 : 0),
        one_short_write_in(time.one_in(2) ? 4 : 200),
        one_hop_in(time.one_in(2) ? 10 : 300) {}

  const std::uint64_t servers;
  const std::uint64_t loops;  // of each server
  const std::uint64_t viewers;
  const HistoryRules rules;
  const std::uint64_t faults_max;
  const std::size_t mailbox_messages;
  const std::uint64_t one_slow_answer_in;
  const std::uint64_t one_slow_push_in;
  const std::uint64_t one_lost_push_in;  // by itself, to one server; 0: none
  const std::uint64_t one_short_write_in;
  const std::uint64_t one_hop_in;  // of what a viewer receives

  Duration redis_way(Timeline& time) const {
    return time.one_in(one_slow_answer_in) ? time.between(milliseconds(2), milliseconds(150))
                                           : time.between(microseconds(50), microseconds(800));
  }
  Duration push_way(Timeline& time) const {
    return time.one_in(one_slow_push_in) ? time.between(milliseconds(2), milliseconds(300))
                                         : time.between(microseconds(50), microseconds(800));
  }
};

}  // namespace spillway::room::simulation
