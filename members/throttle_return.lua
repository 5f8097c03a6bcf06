-- Gives one attempt back under every limit: it was not made, or it was right.
for _, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then
    if redis.call('HINCRBY', key, 'n', -1) <= 0 then
      redis.call('DEL', key)
    else
      redis.call('HSET', key, 'due', '0')
    end
  end
end
return 0
