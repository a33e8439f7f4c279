// What Redis would not do: counted, and said with its cause and its mend.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "base/string_map.h"
#include "redis/client.h"

namespace spillway::server {

// Owned by the hub, on loop 0. Every kind of refusal is said at once, and again while it lasts, but
// not more often than each kSayEvery; holds at most kKindsMax kinds.
class Refusals {
 public:
  static constexpr std::chrono::seconds kSayEvery{60};
  static constexpr std::size_t kKindsMax = 64;

  explicit Refusals(Log& log) : log_(log) {}

  // `answer` was no use. `what` was asked, about `key`. Nothing happens where Redis did not answer
  // at all: that is the loss of a connection, which is said elsewhere.
  void note(std::string_view what, std::string_view key, const redis::Answer& answer);

  std::uint64_t total() const { return total_; }

 private:
  Log& log_;
  std::uint64_t total_ = 0;
  StringMap<TimePoint> said_;  // by the error's first word and what was asked
};

}  // namespace spillway::server
