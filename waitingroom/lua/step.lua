-- A beat of one process: records who was there, lets people in, tells how the room stands.
-- ARGV: clock; 1 if the caller serves customers; 1 if it has just started; ms of the longest interval that
-- customers are told; since when (ms) releases are to be listed; then pairs of number and ms of presence.
if not load_room() then return redis.error_reply('REBUILD') end

local function spare_all()
  room.grace = math.max(room.grace, now + tonumber(ARGV[4]))
end

if ARGV[2] == '1' then
  -- Nobody counts as absent for a full interval after heartbeats could not be recorded.
  if now - room.alive > 3000 or ARGV[3] == '1' then spare_all() end
  if now - room.alive > 500 or now < room.alive then room.alive = now end
end

prune()
for i = 6, #ARGV, 2 do show(tonumber(ARGV[i]), now + ARGV[i + 1]) end

local more = tick()
local chores = now - room.chores_at >= 1000 or now < room.chores_at
if chores then
  room.chores_at = now
  redis.call('ZREMRANGEBYSCORE', RELEASED, '-inf', now - 3600000)
end
save_room()

-- ms until the bucket is full: by then somebody should ask again, or the rate is lost.
local function full_in()
  local rate = rate_at(now)
  if rate <= 0 or not open() then return 1000 end
  return math.max(0, math.ceil((math.max(room.burst, 1) - room.tokens) * 60000 / rate))
end

local function whole(x) return math.floor(x * 1000 + 0.5) end

local out = {
  now, room.opens, room.closes, room.joins, room.live, room.paused, room.drained,
  room.serving, room.tail, room.admitted, room.claimed,
  redis.call('ZCARD', ADMITTED), redis.call('ZCARD', INSIDE), redis.call('SCARD', HOLDING), redis.call('ZCARD', RETURNED),
  whole(room.pace), whole(room.fast), whole(room.slow), whole(rate_at(now)), room.cap, room.free, room.held,
  room.census, room.base, room.grace, math.min(1000, full_in()),
  chores and 1 or 0, more and 1 or 0,
}
for _, n in ipairs(redis.call('ZRANGEBYSCORE', RELEASED, ARGV[5], '+inf')) do out[#out + 1] = tonumber(n) end
return out
