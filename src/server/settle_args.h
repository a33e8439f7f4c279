// The arguments that every script which settles a room's epoch begins with.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/random.h"
#include "room/room_sync.h"

namespace spillway::server {

// A room's epoch and seq are kept for a day after its last message or viewer.
inline constexpr std::chrono::hours kMetaTtl{24};
inline constexpr std::size_t kEpochLength = 12;  // 71 bits

// `random` names the epoch that may begin.
inline std::vector<std::string> settle_args(const std::string& run_id, const room::RoomSync& sync,
                                            Random& random) {
  return {run_id, sync.state().epoch, std::to_string(sync.seen()), random.name(kEpochLength),
          std::to_string(std::chrono::seconds(kMetaTtl).count())};
}

}  // namespace spillway::server
