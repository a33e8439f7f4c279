-- For wrk: each request asks for a room of its own choice among ROOMS; 0: for none. Prints the
-- results as one line of JSON.
local rooms = tonumber(os.getenv("ROOMS"))

request = function()
  if rooms == 0 then return wrk.format("GET", "/servers/provision") end
  return wrk.format("GET", "/servers/provision?room=chat-room-" .. math.random(0, rooms - 1))
end

done = function(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"requests":%d,"seconds":%f,"p50_ms":%f,"p99_ms":%f,"max_ms":%f,"failed":%d}',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, latency.max / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
