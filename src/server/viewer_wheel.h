// When each viewer is looked at next: handshakes that take too long, pings, silence, closes.
//
// A timer wheel of 100 ms ticks with one valid entry a viewer: an Asio timer for each would cost
// more memory than the viewer. Owned by a loop. Pure: ticks come in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace spillway::server {

class ViewerWheel {
 public:
  static constexpr std::uint32_t kTicksPerSecond = 10;
  static constexpr std::uint32_t kSpan = 512;  // ticks that can be looked ahead

  struct Entry {
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    std::uint32_t tick = 0;  // valid only if it is still the viewer's check_tick
  };

  // Further ahead than the span: at its end. Not ahead: at the next tick. Returns the tick.
  std::uint32_t add(std::uint32_t slot, std::uint32_t generation, std::uint32_t tick) {
    if (tick <= now_) tick = now_ + 1;
    if (tick - now_ >= kSpan) tick = now_ + kSpan - 1;
    buckets_[tick % kSpan].push_back({slot, generation, tick});
    return tick;
  }

  // Goes on to the next tick; its entries are valid until the next call.
  const std::vector<Entry>& advance() {
    ++now_;
    due_.clear();
    std::swap(due_, buckets_[now_ % kSpan]);
    return due_;
  }

  std::uint32_t now() const { return now_; }

 private:
  std::uint32_t now_ = 1;  // 0 means "not at all" in a viewer
  std::vector<Entry> due_;
  std::array<std::vector<Entry>, kSpan> buckets_;
};

}  // namespace spillway::server
