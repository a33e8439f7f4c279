#include "balancer/room_groups.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace spillway::balancer {
namespace {

// Ranks next to each other that are given the same share.
struct Block {
  std::uint64_t rooms = 0;
  double share_until = 0;  // of all viewers: this block's and those before it
};

constexpr std::uint64_t kRanksPerBlock = 100;  // a block has a hundredth of the ranks before it

std::vector<Block> blocks_of(std::uint64_t rooms, double exponent) {
  if (exponent == 0) return {{rooms, 1}};
  std::vector<Block> blocks;
  double sum = 0;
  for (std::uint64_t rank = 1; rank <= rooms;) {
    const std::uint64_t count =
        std::min(std::max<std::uint64_t>(1, rank / kRanksPerBlock), rooms - rank + 1);
    const double middle = static_cast<double>(rank) + static_cast<double>(count - 1) / 2;
    sum += static_cast<double>(count) * std::pow(middle, -exponent);
    blocks.push_back({count, sum});
    rank += count;
  }
  for (Block& block : blocks) block.share_until /= sum;
  return blocks;
}

}  // namespace

std::vector<RoomGroup> room_groups(const Audience& audience) {
  CHECK(audience.rooms > 0 && audience.interval.count() > 0);
  const double interval_s = std::chrono::duration<double>(audience.interval).count();
  std::vector<RoomGroup> groups;
  const auto add = [&](std::uint64_t viewers, std::uint64_t rooms) {
    if (rooms == 0) return;
    const auto each = static_cast<double>(viewers);
    groups.push_back({each, each / interval_s, rooms});
  };
  // Where the running sum is rounded, and not each share, all of them add up.
  std::uint64_t given = 0;
  for (const Block& block : blocks_of(audience.rooms, audience.distribution.exponent)) {
    const double until = static_cast<double>(audience.users) * block.share_until;
    const auto viewers = static_cast<std::uint64_t>(std::llround(until)) - given;
    given += viewers;
    const std::uint64_t larger = viewers % block.rooms;
    add(viewers / block.rooms + 1, larger);
    add(viewers / block.rooms, block.rooms - larger);
  }
  CHECK(given == audience.users);
  return groups;
}

}  // namespace spillway::balancer
