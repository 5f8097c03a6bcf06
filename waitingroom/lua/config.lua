-- Takes over what operators set. ARGV: clock; version, live, paused, drained, joins, opens, closes, rate,
-- burst, cap, claim (ms); ms over which a raised rate is spread and everybody is spared after a pause.
-- An older version than the room has is ignored.
if not load_room() then return redis.error_reply('REBUILD') end

local names = {'version', 'live', 'paused', 'drained', 'joins', 'opens', 'closes', 'rate', 'burst', 'cap', 'claim'}
local new = {}
for i, name in ipairs(names) do new[name] = tonumber(ARGV[i + 1]) end
if new.version < room.version then return 0 end

refill() -- up to now at the old rate
local interval, before = tonumber(ARGV[13]), rate_at(now)
if new.rate ~= room.rate then
  room.ramp_from, room.ramp_at = before, now
  room.ramp = new.rate > before and interval or 0
end
room.fast, room.slow = math.min(room.fast, new.rate), math.min(room.slow, new.rate)
if new.rate > room.rate or new.cap > room.cap then room.fast = new.rate end -- what may be expected now
if room.paused == 1 and new.paused == 0 then room.grace = math.max(room.grace, now + interval) end
for name, value in pairs(new) do room[name] = value end
save_room()
return 1
