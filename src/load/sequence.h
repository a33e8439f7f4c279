// What one viewer has seen of its room's order: finds holes, repeats and swaps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace spillway::load {

// Owned by its viewer. Costs 24 bytes while nothing is missing; at most kHolesMax holes are
// remembered, older ones only counted: what comes late into one of those looks like a repeat.
class Sequence {
 public:
  static constexpr std::size_t kHolesMax = 64;

  enum class Verdict : std::uint8_t {
    kNext,
    kAfterHole,  // what was skipped is missing until it comes late
    kLate,       // out of order: it was missing
    kRepeat,
  };

  // Nothing is missing, and the next message is `position + 1`.
  void begin(std::uint64_t position) { *this = Sequence(position + 1); }

  std::uint64_t next() const { return next_; }

  // The message `next()` came.
  void advance() { ++next_; }

  [[nodiscard]] Verdict saw(std::uint64_t seq);

  // The server said that `from` to `to` will not come. Returns how many of them are news.
  std::uint64_t skip(std::uint64_t from, std::uint64_t to);

  // Messages before next() that did not come, whether or not the server said so.
  std::uint64_t missing() const;

  Sequence() = default;

 private:
  struct Hole {
    std::uint64_t from;
    std::uint64_t to;  // behind its last message
  };

  explicit Sequence(std::uint64_t next) : next_(next) {}
  void add_hole(Hole hole);
  bool fill(std::uint64_t seq);
  void forget_old_holes();

  std::uint64_t next_ = 1;
  std::uint64_t forgotten_ = 0;               // messages of holes that are no longer remembered
  std::unique_ptr<std::vector<Hole>> holes_;  // ascending; null: none
};

}  // namespace spillway::load
