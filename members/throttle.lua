-- Takes one attempt under every limit at once, or none of them when one still has to wait.
-- KEYS: a hash per limit. ARGV: per key, how many attempts are free and the longest wait in ms; then how long
-- a quiet limit is remembered, in ms. Returns the ms to wait, 0 when the attempt may go on.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local wait = 0
for _, key in ipairs(KEYS) do
  local due = tonumber(redis.call('HGET', key, 'due') or '0')
  wait = math.max(wait, due - now)
end
if wait > 0 then
  return wait
end
for i, key in ipairs(KEYS) do
  local over = redis.call('HINCRBY', key, 'n', 1) - tonumber(ARGV[2 * i - 1])
  if over >= 0 then
    local pause = math.min(1000 * 2 ^ math.min(over, 30), tonumber(ARGV[2 * i]))
    redis.call('HSET', key, 'due', string.format('%.0f', now + pause))
  end
  redis.call('PEXPIRE', key, ARGV[#ARGV])
end
return 0
