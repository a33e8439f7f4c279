// What a fleet needs for given rooms: deliveries, kernel writes, Redis, bandwidth, memory, servers.
// Pure formulas; docs/capacity.md has them with their sources.
//
// Everything is a double: rates are fractions, and at the bounds of what may be asked (a billion
// viewers in one room, each every millisecond) counts do not fit into 64 bits.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

#include "balancer/load.h"
#include "balancer/room_groups.h"

namespace spillway::balancer {

struct PlanSettings {
  std::size_t message_bytes = 60;  // of text
  // As the servers' flag: nobody's write waits longer for company than this.
  std::chrono::microseconds flush_interval_max = std::chrono::milliseconds(100);
  Capacity capacity;  // of a server
};

// A message in bytes.
struct MessageBytes {
  double line = 0;       // on the bus, in logs and in Redis: JSON, with its newline
  double plain = 0;      // as a WebSocket frame of its own
  double coalesced = 0;  // in an array of `spillway.batch.v1`, with its comma
};
// Of a message with so many bytes of text, an id of 12 characters, no data, and a seq of 5 digits.
MessageBytes message_bytes(std::size_t text_bytes);

// What stands in the way first.
enum class Limit { kDeliveries, kWrites, kRedis };
std::string_view name_of(Limit limit);  // "deliveries", "writes", "redis"

// The plan for one number of users.
struct PlanStep {
  double scale = 1;  // how many times the users that were asked for
  double users = 0;
  double rooms = 0;
  double messages_per_s = 0;
  struct {
    double viewers = 0;
    double messages_per_s = 0;
  } largest_room;

  double deliveries_per_s = 0;
  double writes_per_s = 0;  // by the kernel: the fewest that keep to flush_interval_max

  struct {
    double calls_per_s = 0;   // that publish a batch, at most
    double pushes_per_s = 0;  // a batch to a server that has the room
    double load = 0;          // 1: as busy as the one Redis may be
  } redis;

  struct {
    double plain = 0;
    double coalesced = 0;
    double deflated = 0;  // coalesced, and compressed where that was measured
  } egress_bytes_per_s;

  struct {
    double servers = 0;  // all of them together
    double redis = 0;
  } memory_bytes;

  struct {
    double needed = 1;
    double by_deliveries = 0;  // how many the deliveries alone would fill
    double by_writes = 0;
  } servers;

  Limit first_limit = Limit::kWrites;
};

// The numbers for these rooms as they are.
PlanStep plan_step(const std::vector<RoomGroup>& rooms, const PlanSettings& settings);

// As many users as there are, twice and ten times as many, in the same rooms.
using CapacityPlan = std::array<PlanStep, 3>;
inline constexpr std::array kPlanScales{1U, 2U, 10U};
CapacityPlan plan_for(const Audience& audience, const PlanSettings& settings);
// Each of these rooms grows, and speaks more in proportion.
CapacityPlan plan_for(const std::vector<RoomGroup>& rooms, const PlanSettings& settings);

}  // namespace spillway::balancer
