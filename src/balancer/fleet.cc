#include "balancer/fleet.h"

#include <algorithm>

#include "base/random.h"
#include "protocol/control.h"

namespace spillway::balancer {
namespace {

using std::chrono::milliseconds;

std::optional<ServerState> parse_server(const redis::ReplyView& row, std::int64_t now_ms) {
  ServerState server;
  server.id = row[0].text();
  if (!is_uuid(server.id)) return std::nullopt;
  if (protocol::is_websocket_url(row[2].text())) server.url = row[2].text();
  server.status = row[3].text();
  const auto viewers = row[1].integer();
  server.viewers = static_cast<std::uint64_t>(std::max<std::int64_t>(0, viewers.value_or(0)));
  // A load that is no number would pass for the lowest, a time to come for the youngest.
  const auto heartbeat = row[4].integer();
  if (heartbeat && *heartbeat >= 0 && viewers && *viewers >= 0) {
    const milliseconds silence(now_ms - *heartbeat);
    if (silence > -kDeadAfter) server.silence = std::max(silence, milliseconds(0));
  }
  return server;
}

}  // namespace

const std::string_view kReadFleetScript = R"(
local time = redis.call('TIME')
local answer = {time[1] * 1000 + math.floor(time[2] / 1000)}
local members = redis.call('ZRANGE', KEYS[1], 0, ARGV[2] - 1, 'WITHSCORES')
for i = 1, #members, 2 do
  -- One key that is no hash must not hide all others.
  local hash = redis.pcall('HMGET', ARGV[1] .. members[i], 'url', 'status', 'heartbeat')
  if hash.err then hash = {false, false, false} end
  answer[#answer + 1] = {members[i], members[i + 1], hash[1], hash[2], hash[3]}
end
return answer
)";

bool is_alive(const ServerState& server) {
  return server.status == "up" && !server.url.empty() && server.silence &&
         *server.silence < kSilentAfter;
}

bool is_dead(const ServerState& server) { return !server.silence || *server.silence >= kDeadAfter; }

std::optional<Fleet> parse_fleet(const redis::ReplyView& reply, TimePoint now) {
  const auto now_ms = reply[0].integer();
  if (!reply.is_array() || !now_ms) return std::nullopt;
  Fleet fleet;
  fleet.read_at = now;
  fleet.servers.reserve(reply.size() - 1);
  for (std::size_t i = 1; i < reply.size(); ++i) {
    if (auto server = parse_server(reply[i], *now_ms)) fleet.servers.push_back(std::move(*server));
  }
  return fleet;
}

}  // namespace spillway::balancer
