-- What every script of a room begins with. KEYS[1] is the room; all its keys share the sale's hash tag.
-- ARGV[1] is a test's clock in milliseconds, empty in earnest: then Redis' own clock counts.
local key = KEYS[1]
local RECORDS, ADMITTED, INSIDE = key .. ':rec', key .. ':adm', key .. ':in'
local RETURNED, HOLDING, RELEASED = key .. ':ret', key .. ':hold', key .. ':rel'

-- A ticket's record is five bytes at 5 * number: one of these kinds plus 16 * missed turns, and a time in
-- tenths of a second since the room's base: until when the ticket counts as present, or, when skipped, when
-- its turn came. A time of 0 means that nobody has ever shown this ticket.
local WAIT, SKIP, BACK, ADMIT, CLAIM, IN, DONE, LEFT = 0, 1, 2, 3, 4, 5, 6, 7

local CALL = 1024       -- tickets that one call looks at, at most
local PASS = 600000     -- ms that a pass lives without a hold
local KEEP = 18000      -- tenths of a second that a missed turn is kept
local TURNS = 3         -- missed turns that are kept
local BUCKETS = 16384   -- hashes of member -> number; small ones are stored compactly by Redis

local now = tonumber(ARGV[1])
if not now then
  local t = redis.call('TIME')
  now = t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Which run of which Redis this is: another one than the room was built on may have lost writes.
local function incarnation()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end

local room, stored = {}, {}

local function load_room()
  local flat = redis.call('HGETALL', key)
  for i = 1, #flat, 2 do
    stored[flat[i]] = flat[i + 1]
    room[flat[i]] = flat[i] == 'inc' and flat[i + 1] or tonumber(flat[i + 1])
  end
  return room.inc ~= nil and room.inc == incarnation()
end

local function save_room()
  local changed = {}
  for name, value in pairs(room) do
    local text = name == 'inc' and value or string.format('%.17g', value)
    if stored[name] ~= text then
      changed[#changed + 1] = name
      changed[#changed + 1] = text
    end
  end
  if #changed > 0 then redis.call('HSET', key, unpack(changed)) end
end

local function stamp(ms) return math.max(1, math.floor((ms - room.base) / 100)) end

local function record(n)
  local s = redis.call('GETRANGE', RECORDS, n * 5, n * 5 + 4)
  if #s < 5 then return WAIT, 0, 0 end
  local b, t = struct.unpack('>BI4', s)
  return b % 16, t, math.floor(b / 16)
end

local function packed(kind, time, missed)
  return struct.pack('>BI4', kind + 16 * math.min(missed, 15), time)
end

local function put(n, kind, time, missed)
  redis.call('SETRANGE', RECORDS, n * 5, packed(kind, time, missed))
end

-- Present: shown recently enough, or heartbeats could not be recorded lately (grace).
local function present(time)
  return time > 0 and (time >= stamp(now) or room.grace >= now)
end

local function bucket(member) return key .. ':m:' .. (member % BUCKETS) end

local function number_of(member)
  return tonumber(redis.call('HGET', bucket(member), string.format('%d', member)) or false)
end

local function map(member, n)
  redis.call('HSET', bucket(member), string.format('%d', member), n)
end

local function open()
  return room.live == 1 and room.paused == 0 and now >= room.opens and now < room.closes
end

-- Admissions a minute at an instant: a raised rate comes in along a straight line (ramp), a lowered one at once.
local function rate_at(t)
  if room.ramp <= 0 or t >= room.ramp_at + room.ramp then return room.rate end
  local part = math.max(0, t - room.ramp_at) / room.ramp
  return room.ramp_from + (room.rate - room.ramp_from) * part
end

-- Refills the bucket by the time since the last call. A clock that went back refills nothing; what is in
-- the bucket never passes the burst, and a rate of 0 empties it.
local function refill()
  local from = math.max(room.tick_at, room.opens)
  if open() and now > from then
    local mean = (rate_at(from) + rate_at(now)) / 2
    room.tokens = room.tokens + (now - from) * mean / 60000
  end
  local most = room.rate > 0 and math.max(room.burst, 1) or 0
  room.tokens = math.min(room.tokens, most)
  room.tick_at = now
end

-- Admissions that were not claimed in time become missed turns; passes that ran out end.
local function prune()
  for _, n in ipairs(redis.call('ZRANGEBYSCORE', ADMITTED, '-inf', now, 'LIMIT', 0, CALL)) do
    local _, _, missed = record(n)
    put(n, SKIP, stamp(now), missed + 1)
    redis.call('ZREM', ADMITTED, n)
  end
  for _, n in ipairs(redis.call('ZRANGEBYSCORE', INSIDE, '-inf', now, 'LIMIT', 0, CALL)) do
    put(n, DONE, 0, 0)
    redis.call('ZREM', INSIDE, n)
    redis.call('SREM', HOLDING, n)
  end
end

-- How many may be admitted now: tokens, cap and stock.
local function allowed()
  local active = redis.call('ZCARD', ADMITTED) + redis.call('ZCARD', INSIDE)
  local k = math.min(math.floor(room.tokens + 1e-9), room.cap - active, CALL)
  if room.free >= 0 then
    k = math.min(k, math.ceil(1.5 * room.free) - (active - redis.call('SCARD', HOLDING)))
  end
  return k
end

local function admit(n)
  redis.call('ZADD', ADMITTED, now + room.claim, n)
  room.admitted = room.admitted + 1
  room.tokens = room.tokens - 1
end

-- Those who missed their turn and are back stand before everybody who has not been served yet.
local function admit_returned(k)
  local got = 0
  for _, n in ipairs(redis.call('ZRANGE', RETURNED, 0, CALL - 1)) do
    if got >= k then break end
    local kind, time, missed = record(n)
    if kind == BACK and present(time) then
      put(n, ADMIT, time, missed)
      admit(n)
      got = got + 1
    elseif kind == BACK then
      put(n, SKIP, stamp(now), missed + 1)
    end
    redis.call('ZREM', RETURNED, n)
  end
  return got
end

-- Moves `serving` over the line until k are admitted. Absent ones are skipped, not removed.
local function admit_line(k)
  local first, count = room.serving + 1, math.min(CALL, room.tail - room.serving)
  local s = redis.call('GETRANGE', RECORDS, first * 5, (first + count) * 5 - 1)
  s = s .. string.rep('\0', count * 5 - #s)
  local out, got, at, seen = {}, 0, stamp(now), 0
  while seen < count and got < k do
    local b, time = struct.unpack('>BI4', s, seen * 5 + 1)
    local kind, missed = b % 16, math.floor(b / 16)
    local piece = string.sub(s, seen * 5 + 1, seen * 5 + 5)
    if kind == WAIT and present(time) then
      piece = packed(ADMIT, time, missed)
      admit(first + seen)
      got = got + 1
    elseif kind == WAIT then
      piece = packed(SKIP, at, missed + 1)
    end
    seen = seen + 1
    out[seen] = piece
  end
  if seen > 0 then redis.call('SETRANGE', RECORDS, first * 5, table.concat(out)) end
  room.serving = room.serving + seen
  return got
end

-- Smooths the rate of claimed admissions: as it is (pace), and quickly and slowly for forecasts. Without a
-- line nothing limits claims but the rate itself, so forecasts drift towards that.
local function measure()
  local passed = now - room.rate_seen_at
  if passed < 1000 then return end
  local seen = (room.claimed - room.rate_seen) * 60000 / passed
  local idle = room.serving >= room.tail and redis.call('ZCARD', RETURNED) == 0
  room.pace = room.pace + (1 - math.exp(-passed / 15000)) * (seen - room.pace)
  if idle then seen = math.max(seen, rate_at(now)) end
  if open() and passed < 5000 then -- a longer gap is an outage, which says nothing of the rate
    room.fast = room.fast + (1 - math.exp(-passed / 15000)) * (seen - room.fast)
    room.slow = room.slow + (1 - math.exp(-passed / 60000)) * (seen - room.slow)
  end
  room.rate_seen, room.rate_seen_at = room.claimed, now
end

-- The one place where people are let in. Any process may call it as often as it likes: extra calls admit
-- nobody. While no web process has been heard from lately nobody could be told, so nobody is let in.
-- Returns true when it stopped only because of the tickets a call may look at.
local function tick()
  prune()
  refill()
  local more = false
  if open() and now - room.alive <= 3000 then
    local k = allowed()
    if k > 0 then
      local got = admit_returned(k)
      if got < k and room.serving < room.tail then got = got + admit_line(k - got) end
      more = got < k and room.serving < room.tail
    end
  end
  measure()
  return more
end

-- Notes that a ticket was shown and counts as present until a time. Returns false when its turn was missed
-- for too long or too often: it then has to go to the end.
local function show(n, present_until)
  local kind, time, missed = record(n)
  if kind == WAIT and n <= room.serving then
    -- Its turn came in a Redis that is gone, and nobody had written the place down: it goes in next.
    put(n, BACK, stamp(present_until), missed)
    redis.call('ZADD', RETURNED, n, n)
  elseif kind == WAIT or kind == BACK then
    put(n, kind, stamp(present_until), missed)
  elseif kind == SKIP then
    if stamp(now) - time > KEEP or missed > TURNS then return false end
    put(n, BACK, stamp(present_until), missed)
    redis.call('ZADD', RETURNED, n, n)
  end
  return true
end

-- Ends a ticket's stay, in the line or inside, and revokes its pass.
local function finish(n, kind)
  redis.call('ZREM', ADMITTED, n)
  redis.call('ZREM', INSIDE, n)
  redis.call('ZREM', RETURNED, n)
  redis.call('SREM', HOLDING, n)
  put(n, kind, 0, 0)
  redis.call('ZADD', RELEASED, now, n)
end
