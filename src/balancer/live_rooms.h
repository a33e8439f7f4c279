// The rooms of a running fleet, out of what its balancer answers at /redis-stats. Pure.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "balancer/room_groups.h"
#include "base/result.h"

namespace spillway::balancer {

// 10,000 rooms and a hundred servers are some 15 MiB.
inline constexpr std::size_t kLiveStatsBytesMax = 64 * 1024 * 1024;

// A room's viewers are those it has now; its messages a second come from its counter, over as much
// of the last hundred seconds as is known of it. Rooms without viewers are left out. Errors: it is
// no /redis-stats, nobody is there, or nobody has spoken.
Result<std::vector<RoomGroup>> live_rooms(std::string_view redis_stats);

}  // namespace spillway::balancer
