-- Puts places back into a room under rebuilding. ARGV: clock, builder, ms of the lease, the room's base,
-- number being served, ms for which everybody counts as present, then for each place: number, member, kind
-- (w waiting, i inside, d done, l left), end of the stay inside in ms (0: none), 1 with a hold.
local lease = ARGV[2] .. incarnation()
if redis.call('GET', key .. ':lease') ~= lease then return redis.error_reply('LEASE') end
redis.call('PEXPIRE', key .. ':lease', ARGV[3])
room.base = tonumber(ARGV[4])
local serving, spared = tonumber(ARGV[5]), stamp(now + ARGV[6])

-- The first place of a member counts: rows come in the order of numbers.
local function restore_place(member, n)
  if number_of(member) then return false end
  map(member, n)
  return true
end

for i = 7, #ARGV, 5 do
  local n, member, kind, ends = tonumber(ARGV[i]), tonumber(ARGV[i + 1]), ARGV[i + 2], tonumber(ARGV[i + 3])
  if kind == 'l' or kind == 'd' then
    put(n, kind == 'l' and LEFT or DONE, 0, 0)
    if ends > now then redis.call('ZADD', RELEASED, now, n) end
  elseif kind == 'i' then
    map(member, n)
    put(n, IN, 0, 0)
    redis.call('ZADD', INSIDE, ends, n)
    if ARGV[i + 4] == '1' then redis.call('SADD', HOLDING, n) end
  elseif not restore_place(member, n) then
    put(n, LEFT, 0, 0)
  elseif n > serving then
    put(n, WAIT, spared, 0)
  else
    put(n, SKIP, stamp(now), 0)
  end
end
return now
