-- What became of those inside. ARGV: clock, then triples of a word, an id and a time in ms:
-- "saved" number 0: the claim is in the database; "hold" number until: a hold lengthens the stay;
-- "release" member 0: bought or given up; "leave" number 0: goes away, from the line or from inside.
-- Answers with the numbers whose stay ended.
if not load_room() then return redis.error_reply('REBUILD') end

local ended = {}

local function finish_and_tell(n, kind)
  local is = record(n)
  if is == DONE or is == LEFT then return end
  finish(n, kind)
  ended[#ended + 1] = n
end

local run = {
  saved = function(n)
    local kind = record(n)
    if kind == CLAIM then put(n, IN, 0, 0) end
  end,
  hold = function(n, till)
    local ends = tonumber(redis.call('ZSCORE', INSIDE, n) or false)
    if not ends then return end
    redis.call('ZADD', INSIDE, 'GT', till, n)
    redis.call('SADD', HOLDING, n)
  end,
  release = function(member)
    local n = number_of(member)
    if n and redis.call('ZSCORE', INSIDE, n) then finish_and_tell(n, DONE) end
  end,
  leave = function(n) finish_and_tell(n, LEFT) end,
}

for i = 2, #ARGV, 3 do run[ARGV[i]](tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])) end
save_room()
return ended
