// Which server the next viewer is sent to. Pure: time and chance are passed in.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>

#include "balancer/fleet.h"
#include "base/clock.h"
#include "base/string_map.h"

namespace spillway::balancer {

// How many viewers were sent to one server within the last kCountsFor, in slots of kSlot.
class RecentlySent {
 public:
  // The registry shows a viewer at the latest two periods after its connect; what is left of five
  // seconds is for the connect itself.
  static constexpr std::chrono::milliseconds kCountsFor{5000};

  void add(TimePoint now);
  std::uint64_t count(TimePoint now) const;

 private:
  static constexpr std::chrono::milliseconds kSlot{500};
  static constexpr std::size_t kSlots = 10;

  struct Slot {
    std::int64_t number = -1;  // of the slot since the clock's beginning
    std::uint64_t viewers = 0;
  };
  static std::int64_t number_of(TimePoint now) { return now.time_since_epoch() / kSlot; }

  std::array<Slot, kSlots> slots_{};
};

// Owned by the Balancer, on its loop. Bounded by the servers of the fleet.
class Provisioner {
 public:
  using Chance = std::function<std::uint64_t(std::uint64_t bound)>;  // in [0, bound)

  explicit Provisioner(Chance chance) : chance_(std::move(chance)) {}

  // The living server with the fewest viewers, those just sent there counted; among equals one by
  // chance, so that several balancers do not choose the same. Nullptr: there is none. The answer
  // counts as sent.
  const ServerState* choose(const Fleet& fleet, TimePoint now);

  // Forgets servers that are no longer in the fleet.
  void forget_gone(const Fleet& fleet);

 private:
  std::uint64_t load(const ServerState& server, TimePoint now) const;

  Chance chance_;
  StringMap<RecentlySent> sent_;  // by server id
};

}  // namespace spillway::balancer
