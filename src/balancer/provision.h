// Which server the next viewer is sent to. Pure: time and chance are passed in.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "balancer/fleet.h"
#include "base/clock.h"
#include "base/string_map.h"

namespace spillway::balancer {

// The load that was sent to one server within the last kCountsFor, in slots of kSlot, and how many
// viewers that was.
class RecentlySent {
 public:
  // A viewer shows in the loads a few seconds after its connect: the registry is a second old, and
  // the loads are means of three.
  static constexpr std::chrono::milliseconds kCountsFor{5000};

  struct Sum {
    double load = 0;
    std::uint64_t viewers = 0;
  };

  void add(TimePoint now, std::uint64_t viewers, double load);
  Sum sum(TimePoint now) const;

 private:
  static constexpr std::chrono::milliseconds kSlot{500};
  static constexpr std::size_t kSlots = 10;

  struct Slot {
    std::int64_t number = -1;  // of the slot since the clock's beginning
    Sum sent;
  };
  static std::int64_t number_of(TimePoint now) { return now.time_since_epoch() / kSlot; }

  std::array<Slot, kSlots> slots_{};
};

struct ProvisionSettings {
  std::chrono::microseconds window = std::chrono::seconds(3);  // of the mean load
  double room_below = 0.8;  // up to this load a server that has the room is preferred
  // By how much more load it may have than the others: beyond, the room is hot and spreads.
  double room_preference = 0.25;
};

// Owned by the Balancer, on its loop. Bounded by the servers of the fleet, and kRoomsSentMax rooms
// of each.
class Provisioner {
 public:
  using Chance = std::function<std::uint64_t(std::uint64_t bound)>;  // in [0, bound)

  struct Choice {
    std::string_view id;  // both until the next refresh()
    std::string_view url;
  };

  Provisioner(ProvisionSettings settings, Chance chance)
      : settings_(settings), chance_(std::move(chance)) {}

  // After each change of the fleet, which must outlive the choices made until the next.
  void refresh(const Fleet& fleet, TimePoint now);

  // The living server with the lowest load, what was just sent there counted; loads that differ by
  // less than kSameLoad are equal, and then the fewest viewers decide, and then chance, so that
  // several balancers do not choose the same. `room`, if not empty, draws to where it already is.
  // The answer counts as sent. Nothing: nobody is alive.
  std::optional<Choice> choose(std::string_view room, TimePoint now);

  // Viewers were told to go there by others than us: `load` of them all.
  void told(std::string_view url, std::uint64_t viewers, double load, TimePoint now);

  // The load of a server with what was just sent there. 0 for one that is not alive.
  double expected_load(std::string_view id, TimePoint now) const;

 private:
  static constexpr double kSameLoad = 0.05;
  static constexpr std::size_t kRoomsSentMax = 10'000;

  struct Candidate {
    const Fleet::Server* server = nullptr;  // nullptr: not alive, kept for what was sent there
    double load = 0;                        // of the last reading
    RecentlySent sent;
    StringMap<TimePoint> rooms;  // that viewers were just sent there for, and when last
  };
  double cost_of_one(std::string_view room) const;
  bool has(const Candidate& candidate, std::string_view room) const;

  const ProvisionSettings settings_;
  Chance chance_;
  const Fleet* fleet_ = nullptr;
  std::vector<std::pair<std::string, Candidate>> candidates_;  // by server id
  double load_per_delivery_ = 0;      // one delivery a second is this much load
  double deliveries_per_viewer_ = 0;  // the fleet's mean, a second
};

}  // namespace spillway::balancer
