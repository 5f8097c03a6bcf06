-- Members at the door: they join, or show a ticket whose turn may have come.
-- ARGV: clock, start and end of a block of numbers (0 0: none), then for each member: id, number of the
-- ticket shown (0: none), ms for which it counts as present, 1 if the member wants a place.
-- Answers for each: code, number, and a figure that the code explains.
if not load_room() then return redis.error_reply('REBUILD') end

local WAITING, NEXT, CLAIMING, GOES_ON, OVER, NEEDS_NUMBERS, SHUT, TOO_EARLY = 0, 1, 2, 3, 4, 5, 6, 7

-- A block whose start is not our end leaves a gap: those numbers may have been issued by a Redis that is
-- gone, so they are not issued again.
local start, stop = tonumber(ARGV[2]), tonumber(ARGV[3])
if stop > room.reserved then
  if start > room.reserved then room.tail = math.max(room.tail, start) end
  room.reserved = stop
end

local function stands(n)
  local kind = record(n)
  return kind ~= DONE and kind ~= LEFT
end

local function claimed(n)
  local kind = record(n)
  return kind == CLAIM or kind == IN
end

-- The number that stands for a member. Of two valid ones, which only a loss of data can bring about, the
-- earlier counts, unless the later is inside already.
local function resolve(member, own)
  local mapped = number_of(member)
  if mapped and not stands(mapped) then mapped = nil end
  if own > 0 and own ~= mapped and own <= room.reserved and stands(own) then
    if not mapped or (own < mapped and not claimed(mapped)) then
      if mapped then finish(mapped, LEFT) end
      map(member, own)
      return own
    end
    finish(own, LEFT)
  end
  return mapped
end

local function issue(member, present_until)
  if room.tail >= room.reserved then return nil end
  room.tail = room.tail + 1
  put(room.tail, WAIT, stamp(present_until), 0)
  map(member, room.tail)
  return room.tail
end

local function refusal()
  if room.live ~= 1 or room.drained == 1 or now >= room.closes then return SHUT end
  if now < room.joins then return TOO_EARLY end
end

-- A place for a member: the one he has, or a new one if he wants it or lost his by missing too many turns.
local function place(member, own, present_until, wants)
  local n = resolve(member, own)
  local lost = n and not show(n, present_until)
  if n and not lost then return n end
  if not lost and not wants then return nil, OVER end
  local no = refusal()
  if no then return nil, no end
  local new = issue(member, present_until)
  if not new then return nil, NEEDS_NUMBERS end
  if lost then finish(n, LEFT) end
  return new
end

local function report(n)
  local kind = record(n)
  if kind == ADMIT then
    redis.call('ZREM', ADMITTED, n)
    redis.call('ZADD', INSIDE, now + PASS, n)
    put(n, CLAIM, 0, 0)
    room.claimed = room.claimed + 1
    return CLAIMING, now + PASS
  elseif kind == CLAIM or kind == IN then
    local ends = tonumber(redis.call('ZSCORE', INSIDE, n) or false)
    if not ends then return OVER, 0 end
    return kind == CLAIM and CLAIMING or GOES_ON, ends
  elseif kind == BACK or kind == SKIP then
    return NEXT, redis.call('ZRANK', RETURNED, n) or 0
  elseif kind == WAIT then
    return WAITING, 0
  end
  return OVER, 0
end

prune() -- an admission that has just run out is a missed turn, not a lost one
local places, codes = {}, {}
for i = 4, #ARGV, 4 do
  local n, code = place(tonumber(ARGV[i]), tonumber(ARGV[i + 1]), now + ARGV[i + 2], ARGV[i + 3] == '1')
  places[#places + 1] = n or 0
  codes[#places] = code
end
tick()
local out = {room.inc, room.reserved, now}
for i, n in ipairs(places) do
  local code, figure = codes[i], 0
  if not code then code, figure = report(n) end
  out[#out + 1] = code
  out[#out + 1] = n
  out[#out + 1] = figure
end
save_room()
return out
