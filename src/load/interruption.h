// How long a lost connection or a hand-over kept one viewer from what its room said.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "load/tally.h"

namespace spillway::load {

// Owned by its viewer's reader, from the moment on that something is the matter.
class Interruption {
 public:
  // The connection was lost, and the next one begins.
  void comes_back(TimePoint now);
  // In the room again, at `position`; `newest` is the last that anybody here has seen.
  void is_back(std::uint64_t position, std::uint64_t newest);

  void is_told_to_move(TimePoint now);
  // Or stays, because that came to nothing.
  void has_moved();

  // Something new came, and everything before `next` is there. True: it is over.
  bool news(TimePoint now, std::uint64_t next, Tally& tally);

 private:
  struct Move {
    TimePoint last_news;
    Duration longest{};  // without any
    bool done = false;   // what comes next ends the last silence that counts
  };

  std::optional<TimePoint> left_;  // when its return began
  std::uint64_t whole_at_ = 0;     // with that it has all there is; 0: it is not back yet
  std::optional<Move> move_;
};

}  // namespace spillway::load
