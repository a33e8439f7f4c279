// The fleet as the registry last read it: plain values, judged by pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "redis/reply.h"

namespace spillway::balancer {

inline constexpr std::chrono::milliseconds kSilentAfter{2000};  // gets no viewer any more
inline constexpr std::chrono::milliseconds kDeadAfter{5000};    // its entries are removed
inline constexpr std::size_t kFleetServersMax = 10'000;         // more are not looked at

// One server as it describes itself in Redis.
struct ServerState {
  std::string id;
  std::string url;
  std::string status;         // "up", "draining"
  std::uint64_t viewers = 0;  // connected now
  // Since its last heartbeat, both times by Redis's clock. Nothing: it has none, or no hash at all.
  std::optional<std::chrono::milliseconds> silence;
};

struct Fleet {
  std::vector<ServerState> servers;
  TimePoint read_at{};  // by our clock
};

// May be given to viewers: up, and heard of within kSilentAfter.
bool is_alive(const ServerState& server);

// Its entries may be removed: not heard of for kDeadAfter.
bool is_dead(const ServerState& server);

// What kReadFleetScript answers. Entries that make no sense are left out; a reply of another shape
// is nothing at all.
std::optional<Fleet> parse_fleet(const redis::ReplyView& reply, TimePoint now);

// KEYS: servers:clients. ARGV: the prefix of a server's hash, the most servers wanted. Answers
// [now in ms, [id, viewers, url, status, heartbeat], ...]: one call and one moment for all.
extern const std::string_view kReadFleetScript;

}  // namespace spillway::balancer
