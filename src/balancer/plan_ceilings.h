// What one core and one Redis were measured to do: the numbers that a capacity plan stands on, each
// with its source. They belong to the machine of docs/benchmarks.md; docs/capacity.md says how to
// put one's own in their place.
#pragma once

#include <chrono>
#include <cstddef>

namespace spillway::balancer::ceilings {

// Deliveries a second of a server are Capacity::deliveries_per_s (load.h), by default two thirds of
// the 5 million that one core made at p99 31 ms (docs/benchmarks.md, "One room").

// Kernel writes a second of a core that does nothing else, to 10,000 sockets (docs/benchmarks.md,
// "The raw ceiling": 125,062). To 1,000 it makes 352,088; a server that is worth planning for has
// more viewers than that. A server may use Capacity::busy of it.
inline constexpr double kWritesPerCore = 125'000;

// Of an idle viewer, and of a server without any (docs/benchmarks.md, "Idle viewers").
inline constexpr double kViewerBytes = 877;
inline constexpr double kServerBytes = 13.5 * 1024 * 1024;

// What Redis spends on a call that publishes a batch and on each message in it; and on handing a
// batch, and each message in it, to one server that has the room (tests/bench/redis_cost.mjs). And
// how busy its one core may be.
inline constexpr double kRedisCallSeconds = 50e-6;
inline constexpr double kRedisMessageSeconds = 0.7e-6;
inline constexpr double kRedisPushSeconds = 2e-6;
inline constexpr double kRedisPushedMessageSeconds = 0.1e-6;
inline constexpr double kRedisBusy = 0.70;

// From the start of one batch of a room to the start of the next, on one server: at most 200 calls
// a second (room::GroupCommit::kSpacing).
inline constexpr double kBatchesPerSecondMax = 200;

// A room that makes its server this much busier than the others begins to spread (docs/decisions,
// 9).
inline constexpr double kRoomSpreadLoad = 0.25;

// What a compressed flush comes to, beside plain frames, once it holds so many messages (decision
// 13, with little to spare; fuller ones come to 1/4.6). With fewer, none is counted on.
inline constexpr double kDeflateRatio = 3.5;
inline constexpr double kDeflateMessagesMin = 25;

// A WebSocket message of the coalesced form holds at most this much (room::kArrayBytesMax).
inline constexpr double kArrayBytesMax = 16.0 * 1024;

// The servers' --history flags by default.
inline constexpr double kHistoryMessages = 200;
inline constexpr double kHistorySeconds = 60;
inline constexpr double kHistoryBytesMax = 8.0 * 1024 * 1024;

// Beside the lines themselves: a batch in the log of a server and in Redis's stream, and what Redis
// holds of a room apart from its lines.
inline constexpr double kServerBatchBytes = 128;
inline constexpr double kRedisBatchBytes = 150;
inline constexpr double kRedisRoomBytes = 700;

}  // namespace spillway::balancer::ceilings
