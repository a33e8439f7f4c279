// The text of a load message: who wrote it, when it was due, its number in its room, then chat up
// to its length. Whoever gets it can tell its latency without asking anybody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace spillway::load {

// A run, and within it the process that wrote: only its own clock is compared with its own.
struct Author {
  std::uint16_t run = 0;
  std::uint16_t process = 0;
  friend bool operator==(const Author&, const Author&) = default;
};

struct LoadText {
  Author author;
  TimePoint due;
  std::uint32_t number = 0;  // of the run's messages in its room, from 1
};

inline constexpr std::size_t kLoadTextBytesMin = 32;

// Exactly `bytes` bytes of ASCII. REQUIRES bytes >= kLoadTextBytesMin.
std::string write_load_text(const LoadText& text, std::size_t bytes);

// Nothing for a text that somebody else wrote.
std::optional<LoadText> read_load_text(std::string_view text);

}  // namespace spillway::load
