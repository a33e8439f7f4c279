#include "balancer/capacity_plan.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "balancer/plan_ceilings.h"
#include "base/check.h"
#include "protocol/message_line.h"
#include "websocket/frame.h"

namespace spillway::balancer {
namespace {

// What every room of a group adds to a plan.
struct RoomRates {
  double messages = 0;
  double deliveries = 0;
  double writes = 0;
  double messages_per_write = 1;
};

double seconds_of(std::chrono::microseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

// A viewer is written to once a flush interval, or once a message where messages are rarer.
RoomRates rates_of(const RoomGroup& room, const PlanSettings& settings) {
  RoomRates rates;
  rates.messages = room.messages_per_s;
  rates.deliveries = room.viewers * room.messages_per_s;
  const double flushes = std::min(room.messages_per_s, 1 / seconds_of(settings.flush_interval_max));
  rates.writes = room.viewers * flushes;
  if (flushes > 0) rates.messages_per_write = room.messages_per_s / flushes;
  return rates;
}

double writes_capacity(const PlanSettings& settings) {
  return ceilings::kWritesPerCore * settings.capacity.busy;
}

// As the balancer's load_of(), with the writes that fill a loop in place of its busy share.
double load_of(double deliveries, double writes, const PlanSettings& settings) {
  return std::max(deliveries / settings.capacity.deliveries_per_s,
                  writes / writes_capacity(settings));
}

void add_egress(PlanStep& step, const RoomRates& rates, double rooms, const MessageBytes& bytes) {
  constexpr double kHeader = 4;  // of an array's frame, up to 64 KiB
  // [ and ] stand around, and the last message has no comma.
  const double arrays =
      std::max(rates.writes, rates.deliveries * bytes.coalesced / ceilings::kArrayBytesMax);
  const double plain = rates.deliveries * bytes.plain;
  const double coalesced = rates.deliveries * bytes.coalesced + arrays * (kHeader + 1);
  const bool compresses = rates.messages_per_write >= ceilings::kDeflateMessagesMin;
  step.egress_bytes_per_s.plain += rooms * plain;
  step.egress_bytes_per_s.coalesced += rooms * coalesced;
  step.egress_bytes_per_s.deflated +=
      rooms * (compresses ? plain / ceilings::kDeflateRatio : coalesced);
}

// Capacities grow by doubling.
double doubled(double at_least) {
  return at_least > 0 ? std::exp2(std::ceil(std::log2(at_least))) : 0;
}

// On how many of the servers the room is, Redis's part in it, and its history everywhere.
void add_redis_and_history(PlanStep& step, const RoomGroup& room, const PlanSettings& settings,
                           const MessageBytes& bytes) {
  const RoomRates rates = rates_of(room, settings);
  if (rates.messages <= 0) return;
  const auto rooms = static_cast<double>(room.rooms);
  const double load = load_of(rates.deliveries, rates.writes, settings);
  const double servers =
      std::clamp(std::ceil(load / ceilings::kRoomSpreadLoad), 1.0, step.servers.needed);
  const double calls = std::min(rates.messages, servers * ceilings::kBatchesPerSecondMax);
  step.redis.calls_per_s += rooms * calls;
  step.redis.pushes_per_s += rooms * calls * servers;
  const double busy =
      calls * (ceilings::kRedisCallSeconds + servers * ceilings::kRedisPushSeconds) +
      rates.messages *
          (ceilings::kRedisMessageSeconds + servers * ceilings::kRedisPushedMessageSeconds);
  step.redis.load += rooms * busy / ceilings::kRedisBusy;

  const double kept =
      std::min(std::max(ceilings::kHistoryMessages, rates.messages * ceilings::kHistorySeconds),
               ceilings::kHistoryBytesMax / bytes.line);
  const double batches = kept * calls / rates.messages;
  const double log = kept * bytes.line;
  const double ring = doubled(kept * bytes.plain) + doubled(kept) * sizeof(std::uint64_t);
  step.memory_bytes.servers +=
      rooms * servers * (log + batches * ceilings::kServerBatchBytes + ring);
  step.memory_bytes.redis +=
      rooms * (ceilings::kRedisRoomBytes + log + batches * ceilings::kRedisBatchBytes);
}

void add_rates(PlanStep& step, const RoomGroup& room, const RoomRates& rates) {
  const auto rooms = static_cast<double>(room.rooms);
  step.users += rooms * room.viewers;
  step.rooms += rooms;
  step.messages_per_s += rooms * rates.messages;
  step.deliveries_per_s += rooms * rates.deliveries;
  step.writes_per_s += rooms * rates.writes;
  if (room.viewers > step.largest_room.viewers) {
    step.largest_room.viewers = room.viewers;
    step.largest_room.messages_per_s = room.messages_per_s;
  }
}

// Servers can be added, a second Redis cannot: once it is full, it is what stands in the way.
Limit first_limit(const PlanStep& step) {
  const double fleet = std::max(step.servers.by_deliveries, step.servers.by_writes);
  if (step.redis.load > std::min(1.0, fleet)) return Limit::kRedis;
  return step.servers.by_deliveries > step.servers.by_writes ? Limit::kDeliveries : Limit::kWrites;
}

}  // namespace

std::string_view name_of(Limit limit) {
  switch (limit) {
    case Limit::kDeliveries:
      return "deliveries";
    case Limit::kWrites:
      return "writes";
    case Limit::kRedis:
      return "redis";
  }
  CHECK(false);
}

MessageBytes message_bytes(std::size_t text_bytes) {
  std::string line;
  protocol::append_message_line(line, "abcdefghijkl", 1'795'000'000'000,
                                std::string(text_bytes, 'x'), {});
  std::string json;
  protocol::append_chat(json, 12'345, line);
  std::string frame;
  websocket::append_frame(frame, websocket::Opcode::kText, json);
  return {static_cast<double>(line.size() + 1), static_cast<double>(frame.size()),
          static_cast<double>(json.size() + 1)};
}

PlanStep plan_step(const std::vector<RoomGroup>& rooms, const PlanSettings& settings) {
  const MessageBytes bytes = message_bytes(settings.message_bytes);
  PlanStep step;
  for (const RoomGroup& room : rooms) {
    const RoomRates rates = rates_of(room, settings);
    add_rates(step, room, rates);
    add_egress(step, rates, static_cast<double>(room.rooms), bytes);
  }
  step.servers.by_deliveries = step.deliveries_per_s / settings.capacity.deliveries_per_s;
  step.servers.by_writes = step.writes_per_s / writes_capacity(settings);
  step.servers.needed =
      std::max(1.0, std::ceil(std::max(step.servers.by_deliveries, step.servers.by_writes)));
  step.memory_bytes.servers =
      step.servers.needed * ceilings::kServerBytes + step.users * ceilings::kViewerBytes;
  for (const RoomGroup& room : rooms) add_redis_and_history(step, room, settings, bytes);
  step.first_limit = first_limit(step);
  return step;
}

CapacityPlan plan_for(const Audience& audience, const PlanSettings& settings) {
  CapacityPlan plan;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    Audience grown = audience;
    grown.users *= kPlanScales[i];
    plan[i] = plan_step(room_groups(grown), settings);
    plan[i].scale = kPlanScales[i];
  }
  return plan;
}

CapacityPlan plan_for(const std::vector<RoomGroup>& rooms, const PlanSettings& settings) {
  CapacityPlan plan;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    std::vector<RoomGroup> grown = rooms;
    for (RoomGroup& room : grown) {
      room.viewers *= kPlanScales[i];
      room.messages_per_s *= kPlanScales[i];
    }
    plan[i] = plan_step(grown, settings);
    plan[i].scale = kPlanScales[i];
  }
  return plan;
}

}  // namespace spillway::balancer
