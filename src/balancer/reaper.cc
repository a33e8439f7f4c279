#include "balancer/reaper.h"

#include <fmt/core.h>

namespace spillway::balancer {
namespace {

// KEYS: the server's hash, servers:clients, servers:cumulative-socket-writes, servers:event-loop,
// servers:fanout, chat-rooms:clients, chat-rooms:idle. ARGV: the id, the silence in ms.
// Answers 1 if the server was removed, 0 if it is alive after all.
constexpr const char* kRemoveScript = R"(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local heartbeat = tonumber(redis.call('HGET', KEYS[1], 'heartbeat') or '')
if heartbeat and now - heartbeat < tonumber(ARGV[2]) then return 0 end
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local viewers = tonumber(fields[i + 1])
  if string.sub(fields[i], 1, 5) == 'chat:' and viewers then
    local room = string.sub(fields[i], 6)
    local left = tonumber(redis.call('ZINCRBY', KEYS[6], -viewers, room))
    if left <= 0 then
      redis.call('ZADD', KEYS[6], 0, room)
      redis.call('ZADD', KEYS[7], now, room)
    end
  end
end
redis.call('DEL', KEYS[1])
for i = 2, 5 do redis.call('ZREM', KEYS[i], ARGV[1]) end
return 1
)";

}  // namespace

Reaper::Reaper(redis::Client& client, const std::string& redis_prefix, Log& log)
    : client_(client),
      names_(redis_prefix),
      idle_rooms_(redis_prefix + "chat-rooms:idle"),
      script_(kRemoveScript),
      log_(log) {}

void Reaper::look(const Fleet& fleet, const Watch& watch) {
  if (!watch.steady(fleet.read_at, kDeadAfter)) return;
  int removals = 0;
  for (const ServerState& server : fleet.servers) {
    if (!is_dead(server)) continue;
    if (++removals > kRemovalsMax) return;  // the others are dead a second later too
    remove(server.id);
  }
}

void Reaper::remove(const std::string& id) {
  const auto on_answer = [this, id](const redis::Answer& answer) {
    if (answer.fate != redis::Fate::kAnswered) return;
    if (answer.reply.is_error()) {
      log_.warn("silent server not removed",
                {{"id", id}, {"redis", std::string(answer.reply.error_text())}});
    } else if (answer.reply.integer() == 1) {
      log_.info("silent server removed", {{"id", id}});
    }
  };
  const auto sent = script_.eval(
      client_,
      {names_.server_hash(id), names_.servers_clients(), names_.servers_cumulative_socket_writes(),
       names_.servers_event_loop(), names_.servers_fanout(), names_.rooms_clients(), idle_rooms_},
      {id, std::to_string(kDeadAfter.count())}, on_answer);
  // Away or full: the next reading comes a second later and finds it dead again.
  static_cast<void>(sent);
}

}  // namespace spillway::balancer
