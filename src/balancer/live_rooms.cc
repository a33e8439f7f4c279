#include "balancer/live_rooms.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "protocol/json_reader.h"

namespace spillway::balancer {
namespace {

using Counts = std::vector<std::uint64_t>;
using simdjson::dom::object;

// Beyond it a double is no longer exact; no counter of ours comes near.
constexpr std::uint64_t kCountMax = std::uint64_t{1} << 53U;

std::optional<Counts> counts_member(object members, std::string_view name) {
  const auto member = protocol::find_member(members, name);
  simdjson::dom::array items;
  if (!member || member->value.get(items) != simdjson::SUCCESS) return std::nullopt;
  Counts counts;
  for (const auto item : items) {
    const auto count = protocol::unsigned_of(item, kCountMax);
    if (!count) return std::nullopt;
    counts.push_back(*count);
  }
  return counts;
}

// Entries are a second apart. Those before the room was first seen are padding, and a counter that
// went back has begun anew: neither enters the difference.
double rate_of(const Counts& clients, const Counts& messages) {
  std::size_t known = 0;
  while (known + 1 < messages.size() && clients[known] == 0 && messages[known] == 0) ++known;
  std::size_t from = messages.size() - 1;
  while (from > known && messages[from - 1] <= messages[from]) --from;
  const auto span_s = static_cast<double>(messages.size() - 1 - from);
  return span_s > 0 ? static_cast<double>(messages.back() - messages[from]) / span_s : 0;
}

// A room as it stands there.
std::optional<RoomGroup> room_of(simdjson::dom::element value) {
  const auto members = protocol::object_of(value);
  if (!members) return std::nullopt;
  const auto clients = counts_member(*members, "clients");
  const auto messages = counts_member(*members, "cumulativeMessages");
  if (!clients || !messages || clients->empty() || clients->size() != messages->size()) {
    return std::nullopt;
  }
  return RoomGroup{static_cast<double>(clients->back()), rate_of(*clients, *messages), 1};
}

}  // namespace

Result<std::vector<RoomGroup>> live_rooms(std::string_view redis_stats) {
  const Error nonsense{"its /redis-stats makes no sense; is a balancer of this release there?"};
  protocol::JsonReader reader(kLiveStatsBytesMax);
  const auto json = reader.parse(redis_stats);
  const auto stats = json ? protocol::object_of(*json) : std::nullopt;
  const auto listed = stats ? protocol::object_member(*stats, "chatRooms") : std::nullopt;
  if (!listed) return nonsense;
  std::vector<RoomGroup> rooms;
  for (const auto member : *listed) {
    const auto room = room_of(member.value);
    if (!room) return nonsense;
    if (room->viewers > 0) rooms.push_back(*room);
  }
  if (rooms.empty()) return Error{"nobody is in its rooms; give --users, --rooms, --interval"};
  const bool silent = std::all_of(rooms.begin(), rooms.end(),
                                  [](const RoomGroup& room) { return room.messages_per_s <= 0; });
  if (silent) {
    return Error{
        "nobody has spoken in its rooms lately; try again, or give --users, --rooms, "
        "--interval"};
  }
  return rooms;
}

}  // namespace spillway::balancer
