// A room's newest frames, as the first viewer got them. All others must get the same bytes, and
// comparing bytes costs a tenth of parsing them: the load side must cost less than the server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace spillway::load {

// Owned by its room, one thread. Holds `messages` frames of at most kTextBytesMax bytes; a viewer
// that is further behind parses for itself.
class Transcript {
 public:
  static constexpr std::size_t kTextBytesMax = 1024;

  struct Entry {
    std::uint64_t seq = 0;  // 0: none yet
    std::optional<TimePoint> due;
    std::string frame;
  };

  // REQUIRES `messages` is a power of two.
  explicit Transcript(std::size_t messages) : entries_(messages) {}

  const Entry* find(std::uint64_t seq) const {
    const Entry& entry = entries_[seq & (entries_.size() - 1)];
    return entry.seq == seq ? &entry : nullptr;
  }

  // All of it is of another epoch.
  void forget();

  // `text` is the payload of the frame that brought the message, alone in it.
  void add(std::uint64_t seq, std::optional<TimePoint> due, std::string_view text);

 private:
  std::vector<Entry> entries_;  // message s stands at s % size
};

}  // namespace spillway::load
