-- Counts one use in a window that starts with the first. KEYS: the counter. ARGV: uses per window, window in ms.
-- Returns the ms until the window ends when the uses are spent, 0 otherwise.
local used = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  left = tonumber(ARGV[2])
end
if used > tonumber(ARGV[1]) then
  return left
end
return 0
