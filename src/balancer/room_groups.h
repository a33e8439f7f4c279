// Who speaks and listens where: what a capacity plan is made of. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "base/distribution.h"

namespace spillway::balancer {

// Rooms that are alike. The numbers are those of each of them.
struct RoomGroup {
  double viewers = 0;
  double messages_per_s = 0;
  std::uint64_t rooms = 1;
};

// Everybody is in one room and sends there every `interval`, on average.
struct Audience {
  std::uint64_t users = 0;
  std::uint64_t rooms = 0;
  std::chrono::microseconds interval{0};
  Distribution distribution;
};

// At most some 2,500 groups, however many rooms: it is asked for over HTTP, on the loop that
// watches the fleet. Viewers are whole numbers that add up to the users. From the 200th room on,
// neighbours whose sizes differ by a hundredth or so stand for each other.
// REQUIRES rooms > 0, interval > 0.
std::vector<RoomGroup> room_groups(const Audience& audience);

}  // namespace spillway::balancer
