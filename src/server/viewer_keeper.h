// Looks after connections in time: handshakes that take too long, pings, signs of life, closes.
//
// Owned by the shard. Memory: one wheel entry a viewer.
#pragma once

#include <chrono>

#include "server/loop_state.h"

namespace spillway::server {

class ViewerKeeper {
 public:
  static constexpr std::uint32_t kSecond = ViewerWheel::kTicksPerSecond;
  static constexpr std::uint32_t kHandshakeTicks = 10 * kSecond;
  static constexpr std::uint32_t kCloseTicks = 5 * kSecond;  // for the peer's close frame
  static constexpr std::uint32_t kPingTicks = 25 * kSecond;  // less up to a fifth of jitter
  static constexpr std::uint32_t kPongTicks = 10 * kSecond;
  static constexpr std::uint32_t kSilenceTicks = 25 * kSecond - 2;  // sent before 25 s are over

  explicit ViewerKeeper(LoopState& loop) : loop_(loop) {}

  void accepted(Viewer& viewer);
  void opened(Viewer& viewer);
  void closing(Viewer& viewer);
  void pong(Viewer& viewer);

  // Ten times a second.
  void tick();

 private:
  std::uint32_t check(Viewer& viewer, std::uint32_t now);
  std::uint32_t check_open(Viewer& viewer, std::uint32_t now);
  void ping(Viewer& viewer, std::uint32_t now);
  void sign_of_life(Viewer& viewer);
  std::uint32_t next_ping(std::uint32_t now);

  LoopState& loop_;
};

}  // namespace spillway::server
