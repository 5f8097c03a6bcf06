-- Begins to rebuild a room: takes the lease and throws away what an earlier Redis left.
-- ARGV: clock, name of the builder, ms of the lease. Answers with this Redis' incarnation and clock, or nothing when
-- the room is in order or somebody else is building.
if load_room() then return false end
local lease = redis.call('GET', key .. ':lease')
local mine = ARGV[2] .. incarnation()
if lease and lease ~= mine and string.sub(lease, -40) == incarnation() then return false end
redis.call('SET', key .. ':lease', mine, 'PX', ARGV[3])
redis.call('UNLINK', key, RECORDS, ADMITTED, INSIDE, RETURNED, HOLDING, RELEASED, key .. ':census')
for i = 0, BUCKETS - 1 do redis.call('UNLINK', key .. ':m:' .. i) end
return {incarnation(), now}
