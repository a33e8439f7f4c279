#include "balancer/reading.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/random.h"
#include "protocol/control.h"

namespace spillway::balancer {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAheadMax{5000};  // of a heartbeat; Redis may have changed its clock

// A share or a time: finite and not negative, else 0.
double number_of(const redis::ReplyView& value) {
  const std::string_view text = value.text();
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return std::isfinite(number) ? std::max(0.0, number) : 0.0;
}

std::optional<ServerReading> parse_server(const redis::ReplyView& row, std::int64_t now_ms) {
  ServerReading server;
  server.id = row[0].text();
  if (!is_uuid(server.id)) return std::nullopt;
  server.viewers = count_of(row[1]);
  const auto viewers = row[1].integer();
  server.deliveries = count_of(row[2]);
  server.lag_ms = number_of(row[3]);
  server.fanouts = count_of(row[4]);
  server.ours = row[5].integer() == 1;
  if (protocol::is_websocket_url(row[6].text())) server.url = row[6].text();
  server.status = row[7].text();
  // A load that is no number would pass for the lowest, a time to come for the youngest.
  const auto heartbeat = row[8].integer();
  if (heartbeat && *heartbeat >= 0 && viewers && *viewers >= 0) {
    const milliseconds silence(now_ms - *heartbeat);
    if (silence > -kAheadMax) {
      server.heartbeat_ms = heartbeat;
      server.silence = std::max(silence, milliseconds(0));
    }
  }
  server.rss = count_of(row[9]);
  server.heap_total = count_of(row[10]);
  server.heap_used = count_of(row[11]);
  server.busy = number_of(row[12]);
  server.flushes = count_of(row[13]);
  return server;
}

}  // namespace

const std::string_view kReadFleetScript = R"(
local time = redis.call('TIME')
local answer = {time[1] * 1000 + math.floor(time[2] / 1000)}
local members = redis.call('ZRANGE', KEYS[1], 0, ARGV[2] - 1, 'WITHSCORES')
for i = 1, #members, 2 do
  local id = members[i]
  local row = {id, members[i + 1], redis.call('ZSCORE', KEYS[2], id),
    redis.call('ZSCORE', KEYS[3], id), redis.call('ZSCORE', KEYS[4], id),
    redis.call('SISMEMBER', KEYS[5], id)}
  local hash = redis.pcall('HMGET', ARGV[1] .. id, 'url', 'status', 'heartbeat', 'rss',
    'heapTotal', 'heapUsed', 'busy', 'flushes')
  -- One key that is no hash must not hide all others.
  if hash.err then hash = {} end
  for j = 1, 8 do row[6 + j] = hash[j] or false end
  answer[#answer + 1] = row
end
return answer
)";

std::uint64_t count_of(const redis::ReplyView& value) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, value.integer().value_or(0)));
}

bool is_alive(const ServerReading& server, const Silence& silence) {
  return server.status == "up" && !server.url.empty() && server.silence &&
         *server.silence < silence.silent_after;
}

bool is_dead(const ServerReading& server, const Silence& silence) {
  return !server.silence || *server.silence >= silence.dead_after;
}

std::optional<FleetReading> parse_fleet(const redis::ReplyView& reply, TimePoint now) {
  const auto now_ms = reply[0].integer();
  if (!reply.is_array() || !now_ms) return std::nullopt;
  FleetReading fleet;
  fleet.redis_ms = *now_ms;
  fleet.read_at = now;
  fleet.servers.reserve(reply.size() - 1);
  for (std::size_t i = 1; i < reply.size(); ++i) {
    if (auto server = parse_server(reply[i], *now_ms)) fleet.servers.push_back(std::move(*server));
  }
  return fleet;
}

}  // namespace spillway::balancer
