-- Ends a rebuilding: from here on the room answers. ARGV: clock, builder, then name and value of every
-- field of the room. The incarnation is written by the Redis that holds the data.
local lease = ARGV[2] .. incarnation()
if redis.call('GET', key .. ':lease') ~= lease then return redis.error_reply('LEASE') end
redis.call('HSET', key, unpack(ARGV, 3))
redis.call('HSET', key, 'inc', incarnation(), 'tick_at', now, 'alive', now, 'chores_at', 0, 'rate_seen_at', now)
redis.call('DEL', key .. ':lease')
return now
