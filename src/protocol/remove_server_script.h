// Takes a server out of Redis: what the server itself runs when it stops, and the balancer for one
// that died. Part of the contract between the two, so it stands here once.
#pragma once

#include <string>

namespace spillway::protocol {

// Lua: takes what a server's hash says of rooms back out of their totals. `fields`: the hash, as
// HGETALL answers; a value that is no number counts as nothing.
inline constexpr const char* kTakeBackCounts = R"(
local function take_back(fields, totals, idle, now)
  for i = 1, #fields, 2 do
    local viewers = tonumber(fields[i + 1])
    if string.sub(fields[i], 1, 5) == 'chat:' and viewers and viewers % 1 == 0 then
      local room = string.sub(fields[i], 6)  -- above: no inf, no nan
      local left = tonumber(redis.call('ZINCRBY', totals, -viewers, room))
      if left <= 0 then
        redis.call('ZADD', totals, 0, room)
        redis.call('ZADD', idle, now, room)
      end
    end
  end
end
)";

// KEYS: the server's hash, servers:clients, servers:cumulative-socket-writes, servers:event-loop,
// servers:fanout, chat-rooms:clients, chat-rooms:idle, balancer:servers.
// ARGV: the id; the silence in ms after which it counts as dead (0: remove it whatever it is).
// Answers 1 if the server was removed, 0 if it is alive after all.
inline constexpr const char* kRemoveServer = R"(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fields = {}
if redis.call('TYPE', KEYS[1]).ok == 'hash' then
  -- A time to come is as wrong as one long past.
  local heartbeat = tonumber(redis.call('HGET', KEYS[1], 'heartbeat') or '')
  if heartbeat and math.abs(now - heartbeat) < tonumber(ARGV[2]) then return 0 end
  fields = redis.call('HGETALL', KEYS[1])
end
take_back(fields, KEYS[6], KEYS[7], now)
-- What is no hash is not a server's: it stays, and the server that is named like it goes.
if #fields > 0 then redis.call('DEL', KEYS[1]) end
for i = 2, 5 do redis.call('ZREM', KEYS[i], ARGV[1]) end
redis.call('SREM', KEYS[8], ARGV[1])
return 1
)";

inline std::string remove_server_script() { return std::string(kTakeBackCounts) + kRemoveServer; }

}  // namespace spillway::protocol
