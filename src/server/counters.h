// What happens often is counted, not logged. Plain numbers of one loop; summed once a second.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace spillway::server {

// One row a counter: the name on the Prometheus page, and its help text. A loop counts with
// counters[Counter::kDeliveries]++.
enum class Counter : std::uint8_t {
  kAccepted,
  kHandshakesRefused,
  kHandshakesTimedOut,
  kHttpRequests,
  kOpened,
  kMessagesIn,
  kRegisters,
  kRateLimited,
  kRejected,
  kUnavailable,
  kPublished,
  kAcks,
  kDeliveries,
  kFlushes,
  kFlushBytes,
  kDeflateIn,
  kDeflateOut,
  kFlushOverruns,
  kShortWrites,
  kControlWrites,
  kGaps,
  kGapMessages,
  kRedistributed,
  kAcceptPauses,
  kMailboxFull,
  kClosedNormal,
  kClosedGoingAway,
  kClosedProtocolError,
  kClosedUnsupported,
  kClosedInvalidText,
  kClosedTooBig,
  kClosedLost,
  kClosedSlowViewer,
  kClosedDraining,
  kClosedNoPong,
  kClosedFateUnknown,
  kClosedAbuse,
  kClosedOther,
  kCount,
};

class Counters {
 public:
  std::uint64_t& operator[](Counter counter) { return values_[static_cast<std::size_t>(counter)]; }
  std::uint64_t operator[](Counter counter) const {
    return values_[static_cast<std::size_t>(counter)];
  }
  void add(const Counters& other) {
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i] += other.values_[i];
  }

 private:
  std::array<std::uint64_t, static_cast<std::size_t>(Counter::kCount)> values_{};
};

// The counter of a close code, ours or the peer's.
Counter closed_counter(std::uint16_t code);

}  // namespace spillway::server
