// The text of a load message: when it was due, then letters up to its length. Whoever gets it can
// tell its latency without asking anybody, as long as sender and receiver share a clock.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace spillway::load {

inline constexpr std::size_t kDueTextBytesMin = 16;

// Exactly `bytes` bytes. REQUIRES bytes >= kDueTextBytesMin.
std::string due_text(TimePoint due, std::size_t bytes);

// Nothing for a text that somebody else wrote.
std::optional<TimePoint> due_of(std::string_view text);

}  // namespace spillway::load
