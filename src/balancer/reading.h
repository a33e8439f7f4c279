// The fleet as Redis describes it at one moment: plain values.
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

inline constexpr std::size_t kFleetServersMax = 1000;  // more are not looked at

// One server as it describes itself in Redis, once a second.
struct ServerReading {
  std::string id;
  std::string url;            // ws:// or wss://; empty: none that makes sense
  std::string status;         // "up", "draining"
  std::uint64_t viewers = 0;  // connected now
  // By Redis's clock: when the server last wrote, and how long ago that was. Nothing: it has no
  // heartbeat, or no hash at all.
  std::optional<std::int64_t> heartbeat_ms;
  std::optional<std::chrono::milliseconds> silence;
  std::uint64_t deliveries = 0;  // since it started
  std::uint64_t fanouts = 0;     // messages that came over the bus, since it started
  std::uint64_t flushes = 0;     // kernel writes of the fan-out, since it started
  double lag_ms = 0;             // mean of the last second, of the worst loop
  double busy = 0;               // share of the last second, of the busiest loop
  std::uint64_t rss = 0;         // bytes, as the next two
  std::uint64_t heap_total = 0;
  std::uint64_t heap_used = 0;
  bool ours = false;  // started by a balancer of this fleet
};

struct FleetReading {
  std::vector<ServerReading> servers;
  std::int64_t redis_ms = 0;  // when it was read, by Redis's clock
  TimePoint read_at{};        // by ours
};

// After how long without a heartbeat a server counts as what.
struct Silence {
  std::chrono::microseconds silent_after = std::chrono::seconds(2);  // gets no viewer any more
  std::chrono::microseconds dead_after = std::chrono::seconds(5);    // its entries are removed
};

// May be given to viewers: up, and not silent.
bool is_alive(const ServerReading& server, const Silence& silence);
// Its entries may be removed.
bool is_dead(const ServerReading& server, const Silence& silence);

// A number that counts something: not negative, else 0.
std::uint64_t count_of(const redis::ReplyView& value);

// What kReadFleetScript answers. Entries that make no sense are left out; a reply of another shape
// is nothing at all.
std::optional<FleetReading> parse_fleet(const redis::ReplyView& reply, TimePoint now);

// KEYS: servers:clients, servers:cumulative-socket-writes, servers:event-loop, servers:fanout,
// balancer:servers. ARGV: the prefix of a server's hash, the most servers wanted.
// Answers [now in ms, [id, viewers, deliveries, lag, fanouts, ours, url, status, heartbeat, rss,
// heapTotal, heapUsed, busy, flushes], ...]: one call and one moment for all.
extern const std::string_view kReadFleetScript;

}  // namespace spillway::balancer
