// How fast a connection may send, before anything is parsed. Beyond it: 4503.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "protocol/limits.h"
#include "server/gcra.h"
#include "server/options.h"

namespace spillway::server {

// An honest client sends a chat now and then, a register, pongs. Four seconds' worth may come at
// once. A `--rate-limit` that allows more raises these with it, and `off` lifts them: whoever turns
// it off knows their clients.
inline constexpr std::chrono::seconds kInputWindow{4};
inline constexpr double kFramesPerSecondMin = 50;
inline constexpr double kBytesPerSecondMin = 64.0 * 1024;

inline double chats_per_second(const Rate& rate) {
  return rate.count / std::chrono::duration<double>(rate.window).count();
}

inline Gcra::Limit frame_limit(const ServerOptions& options) {
  if (!options.rate_limit.limited()) return {};
  const double per_second = std::max(kFramesPerSecondMin, 2 * chats_per_second(options.rate_limit));
  // A burst that the rate limit answers itself is not abuse.
  const double burst =
      std::max<double>(per_second * kInputWindow.count(), 2.0 * options.rate_limit.count);
  const Duration interval =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / per_second));
  return {interval, std::chrono::duration_cast<Duration>(interval * burst)};
}

inline Gcra::Limit byte_limit(const ServerOptions& options) {
  if (!options.rate_limit.limited()) return {};
  const double message =
      static_cast<double>(protocol::websocket_message_bytes_max(options.message_bytes_max));
  const double per_second =
      std::max(kBytesPerSecondMin, 2 * chats_per_second(options.rate_limit) * message);
  const double burst = std::max(per_second * kInputWindow.count(),
                                static_cast<double>(options.rate_limit.count) * message);
  const Duration interval =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / per_second));
  return {interval,
          std::chrono::duration_cast<Duration>(std::chrono::duration<double>(burst / per_second))};
}

}  // namespace spillway::server
