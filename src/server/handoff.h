// Tells viewers to go elsewhere: some, on the balancer's order; all, in a drain.
//
// Owned by the shard. The tellings are spread over ticks, so that those who go do not arrive all
// at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "server/loop_rooms.h"
#include "server/loop_state.h"
#include "server/messages.h"

namespace spillway::server {

class Handoff {
 public:
  // Who has not left that much later is closed with 4001 (once it is owed no answer).
  static constexpr std::uint32_t kLeaveTicks = 30 * ViewerWheel::kTicksPerSecond;
  static constexpr std::uint32_t kOrderTicks = ViewerWheel::kTicksPerSecond;  // one second

  Handoff(LoopState& loop, LoopRooms& rooms) : loop_(loop), rooms_(rooms) {}

  void begin(LeaveOrder&& order);
  void begin(const DrainOrder& order);
  bool draining() const { return drain_.has_value(); }

  // Ten times a second.
  void tick();

 private:
  void tick_order();
  void tick_drain();
  void tell(Viewer& viewer, std::string_view reason, const std::string* redirect,
            std::uint32_t leave_tick);
  Viewer* pick();
  const std::string* next_target();

  struct Room {
    double cost_until = 0;  // running sum
    const LoopRoom* room = nullptr;
  };
  struct Drain {
    std::uint32_t told_by_tick;
    std::uint32_t close_tick;
    std::vector<ViewerId> untold;
  };

  LoopState& loop_;
  LoopRooms& rooms_;
  LeaveOrder order_;
  std::uint32_t order_until_tick_ = 0;
  std::vector<Room> costs_;  // of this tick
  std::optional<Drain> drain_;
};

}  // namespace spillway::server
