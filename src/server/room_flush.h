// A flush of one room that is under way.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "room/deflated_run.h"
#include "room/ring.h"

namespace spillway::server {

// Belongs to its room while it lasts, else to the flusher, which uses it again.
struct RoomFlush {
  // Viewers stand where their turn of the last flush ended, so few places are common.
  static constexpr std::size_t kRunsMax = 4;

  std::uint64_t offers = 0;  // once it is over, all viewers were offered the messages before this
  bool again = false;        // somebody asked for another one since it began
  std::uint64_t turn = 0;    // the loop's turn in which it last went on
  std::uint64_t end = 0;     // viewers get the messages before this one now,
  TimePoint since{};         // since then,
  std::array<room::DeflatedRun, kRunsMax> runs;  // perhaps compressed
  std::size_t runs_used = 0;
  std::array<std::string, 2> prefixes;

  // What stands before the messages in each form: the count of viewers as a frame, or nothing.
  std::string& prefix(room::WireForm form) {
    return prefixes[form == room::WireForm::kPlain ? 0 : 1];
  }
};

}  // namespace spillway::server
