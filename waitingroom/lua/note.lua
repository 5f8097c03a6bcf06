-- Takes over what one process found out for all: ARGV: clock, seats free and held (-1: not known), the
-- census (empty: none taken).
if not load_room() then return redis.error_reply('REBUILD') end
room.free, room.held = tonumber(ARGV[2]), tonumber(ARGV[3])
if ARGV[4] ~= '' then
  redis.call('SET', key .. ':census', ARGV[4])
  room.census = room.census + 1
end
save_room()
return 1
