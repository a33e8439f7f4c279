#include "server/scripts.h"

#include "protocol/remove_server_script.h"

namespace spillway::server {
namespace {

// Numbers are formatted with %.0f: Lua's own conversion turns large ones into 1e+15. What needs
// memory comes before any other write: once a script has written, Redis no longer minds maxmemory.
//
// settle(): the epoch goes on if the same Redis process made it and it is nowhere behind what this
// server has seen. Else data may be lost, so a new epoch begins that continues the counter, and
// prev_epoch, prev_seq say which positions live on in it. A meta that makes no sense (somebody
// wrote into it) is as good as gone. What `field` of the meta was is answered too, from the same
// call.
constexpr const char* kSettle = R"(
local function settle(field)
  local meta, log = KEYS[1], KEYS[2]
  local run, seen_epoch, seen_seq, fresh = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
  local m = redis.call('HMGET', meta, 'epoch', 'seq', 'run', 'prev_epoch', 'prev_seq', field)
  local epoch, seq = m[1], tonumber(m[2] or '0')
  local sound = epoch and #epoch <= 64 and string.find(epoch, '^[%w_-]+$')
    and seq and seq >= 0 and seq < 9007199254736896 and seq % 1 == 0
  if not sound then
    redis.call('HSET', meta, 'epoch', fresh, 'seq', '0', 'run', run)
    redis.call('DEL', log)
    redis.call('HDEL', meta, 'prev_epoch', 'prev_seq')
    epoch, seq, m[4], m[5] = fresh, 0, false, false
  elseif m[3] ~= run or (epoch == seen_epoch and seq < seen_seq) then
    local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)
    local at = string.format('%.0f', seq)
    redis.call('HSET', meta, 'epoch', fresh, 'run', run, 'prev_epoch', epoch, 'prev_seq', at)
    if last[1] and tonumber(string.match(last[1][1], '^%d+')) > seq then
      redis.call('DEL', log)
    end
    epoch, m[4], m[5] = fresh, epoch, at
  end
  return epoch, seq, m[4] or '', m[5] or '0', m[6]
end
)";

constexpr const char* kAnswerState = R"(
local epoch, seq, prev_epoch, prev_seq = settle('seq')
redis.call('EXPIRE', KEYS[1], ARGV[5])
return {epoch, string.format('%.0f', seq), prev_epoch, prev_seq}
)";

constexpr const char* kPublish = R"(
local meta, log = KEYS[1], KEYS[2]
local channel, server, number, count = ARGV[6], ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9])
local field = 'b:' .. server
local epoch, seq, _, _, last = settle(field)
local spoke_at
if last then
  local last_number, last_first, at = string.match(last, '^(%d+) (%d+) %d+ (%d+)$')
  spoke_at = at
  last_number = tonumber(last_number or '-1')
  if last_number == number then return {epoch, last_first} end
  if last_number > number then return redis.error_reply('STALE a later batch is logged') end
end
local renew = ARGV[12] == '1' or not spoke_at
local first = string.format('%.0f', seq + 1)
-- Lua reads every byte of each string that it makes, so a batch that has its header is taken as it is.
local head = 'v1 ' .. epoch .. ' ' .. first .. ' ' .. ARGV[9] .. ' ' .. server .. ' ' .. ARGV[8] .. '\n'
local batch = ARGV[13]
if string.sub(batch, 1, #head) ~= head then
  if string.sub(batch, 1, 3) == 'v1 ' then  -- another one: somebody else's batch came before
    batch = string.sub(batch, string.find(batch, '\n', 1, true) + 1)
  end
  batch = head .. batch
end
-- First, since it is the one that can fail: an error here leaves nothing half done.
-- What is no longer kept goes with it; its id is one of the order that the server knows, and in another
-- could be ahead of all there is.
local added
if ARGV[10] ~= '0' and epoch == ARGV[2] then
  added = redis.pcall('XADD', log, 'NOMKSTREAM', 'MINID', ARGV[10], first .. '-0', 'b', batch)
else
  added = redis.pcall('XADD', log, 'NOMKSTREAM', first .. '-0', 'b', batch)
end
if type(added) == 'table' and string.find(added.err, 'equal or smaller', 1, true) then
  redis.call('DEL', log)  -- a log from ahead of the counter: of another life
  added = false
end
if not added then  -- there is none, so what is made has no expiry
  renew = true
  added = redis.pcall('XADD', log, first .. '-0', 'b', batch)
end
if type(added) == 'table' then return added end
if renew then spoke_at = redis.call('TIME')[1] end
redis.call('HSET', meta, 'seq', string.format('%.0f', seq + count),
  field, ARGV[8] .. ' ' .. first .. ' ' .. ARGV[9] .. ' ' .. spoke_at)
if renew then
  redis.call('EXPIRE', meta, ARGV[5])
  redis.call('PEXPIRE', log, ARGV[11])
end
if not last and redis.call('HLEN', meta) > 64 + 5 then
  local all = redis.call('HGETALL', meta)
  for i = 1, #all, 2 do
    local at = string.match(all[i + 1], '^%d+ %d+ %d+ (%d+)$')
    if string.sub(all[i], 1, 2) == 'b:' and at and spoke_at - at > 600 then
      redis.call('HDEL', meta, all[i])
    end
  end
end
redis.call('PUBLISH', channel, batch)
return {epoch, first}
)";

// The epoch too: once the room's meta was evicted, what is at the same place is of another order.
constexpr const char* kRead = R"(
local epoch = redis.pcall('HGET', KEYS[2], 'epoch')
if type(epoch) ~= 'string' then epoch = '' end
local to, bytes, batches = ARGV[2], 0, {}
while true do
  local entries = redis.call('XREVRANGE', KEYS[1], to, ARGV[1], 'COUNT', 16)
  for _, entry in ipairs(entries) do
    local batch = entry[2][2] or ''
    if bytes > 0 and bytes + #batch > tonumber(ARGV[3]) then return {0, batches, epoch} end
    bytes = bytes + #batch
    batches[#batches + 1] = batch
    to = '(' .. entry[1]
  end
  if #entries < 16 then return {1, batches, epoch} end
end
)";

constexpr const char* kPositions = R"(
local all = {}
for i, meta in ipairs(KEYS) do
  local m = redis.pcall('HMGET', meta, 'epoch', 'seq')  -- one that is no hash is as good as none
  all[2 * i - 1], all[2 * i] = m[1] or '', m[2] or ''
end
return all
)";

constexpr const char* kCount = R"(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('HEXISTS', KEYS[1], 'id')
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
redis.call('ZADD', KEYS[4], ARGV[4], ARGV[1])
redis.call('ZADD', KEYS[5], ARGV[5], ARGV[1])
if ARGV[7] == '1' then
  take_back(redis.call('HGETALL', KEYS[1]), KEYS[6], KEYS[9], now)
  redis.call('DEL', KEYS[1])
end
local at = 9 + 2 * tonumber(ARGV[8])
redis.call('HSET', KEYS[1], 'heartbeat', string.format('%.0f', now), unpack(ARGV, 9, at - 1))
local totals = {}
while ARGV[at] do
  local room, viewers = ARGV[at], tonumber(ARGV[at + 1])
  local before = tonumber(redis.call('HGET', KEYS[1], 'chat:' .. room) or '0')
  local total = tonumber(redis.call('ZINCRBY', KEYS[6], viewers - before, room))
  if viewers > 0 then
    redis.call('HSET', KEYS[1], 'chat:' .. room, ARGV[at + 1])
  else
    redis.call('HDEL', KEYS[1], 'chat:' .. room)
  end
  redis.call('ZINCRBY', KEYS[7], ARGV[at + 2], room)
  redis.call('ZINCRBY', KEYS[8], ARGV[at + 3], room)
  if total > 0 then
    redis.call('ZREM', KEYS[9], room)
  elseif not redis.call('ZSCORE', KEYS[9], room) then
    redis.call('ZADD', KEYS[9], now, room)
  end
  totals[#totals + 1] = total
  at = at + 4
end
local unused = redis.call('ZRANGEBYSCORE', KEYS[9], '-inf', now - ARGV[6], 'LIMIT', 0, 100)
for _, room in ipairs(unused) do
  for i = 6, 9 do redis.call('ZREM', KEYS[i], room) end
end
return {known, totals}
)";

}  // namespace

std::string settle_script() { return std::string(kSettle) + kAnswerState; }
std::string publish_script() { return std::string(kSettle) + kPublish; }
std::string read_script() { return kRead; }
std::string positions_script() { return kPositions; }
std::string count_script() { return std::string(protocol::kTakeBackCounts) + kCount; }

}  // namespace spillway::server
