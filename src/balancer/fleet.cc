#include "balancer/fleet.h"

#include <algorithm>

#include "base/random.h"

namespace spillway::balancer {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kUrlBytesMax = 2048;

// From strangers who can write to Redis, and shown to every viewer.
bool is_server_url(std::string_view url) {
  if (url.size() > kUrlBytesMax) return false;
  return url.rfind("ws://", 0) == 0 || url.rfind("wss://", 0) == 0;
}

std::optional<ServerState> parse_server(const redis::ReplyView& row, std::int64_t now_ms) {
  ServerState server;
  server.id = row[0].text();
  if (!is_uuid(server.id)) return std::nullopt;
  server.viewers =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, row[1].integer().value_or(0)));
  if (is_server_url(row[2].text())) server.url = row[2].text();
  server.status = row[3].text();
  if (const auto heartbeat = row[4].integer()) {
    server.silence = milliseconds(std::max<std::int64_t>(0, now_ms - *heartbeat));
  }
  return server;
}

}  // namespace

const std::string_view kReadFleetScript = R"(
local time = redis.call('TIME')
local answer = {time[1] * 1000 + math.floor(time[2] / 1000)}
local members = redis.call('ZRANGE', KEYS[1], 0, ARGV[2] - 1, 'WITHSCORES')
for i = 1, #members, 2 do
  local hash = redis.call('HMGET', ARGV[1] .. members[i], 'url', 'status', 'heartbeat')
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
