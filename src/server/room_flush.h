// A flush of one room that is under way.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "room/deflated_run.h"
#include "room/ring.h"

namespace spillway::server {

// Belongs to its room while it lasts, else to the flusher, which uses it again.
struct RoomFlush {
  std::uint64_t from = 0;  // it carries the messages from here
  std::uint64_t end = 0;   // to before here
  room::DeflatedRun run;   // the same compressed, once a viewer wants it so; else empty
  std::array<std::string, 2> prefixes;

  // What stands before the messages in each form: the count of viewers as a frame, or nothing.
  std::string& prefix(room::WireForm form) {
    return prefixes[form == room::WireForm::kPlain ? 0 : 1];
  }
};

}  // namespace spillway::server
