-- name: RoomSettings :many
-- What operators set for the sales whose waiting room is open, will open within a day, or closed within an hour.
SELECT id, state, joins_at, opens_at, closes_at, paused, rate_per_minute, burst, cap, claim_seconds, epoch, version
FROM sale
WHERE state IN ('scheduled', 'open', 'drained', 'closed')
  AND joins_at < NOW(6) + INTERVAL 1 DAY AND closes_at > NOW(6) - INTERVAL 1 HOUR;

-- name: RoomStock :one
-- Seats of a sale that are free and that are held or being paid for, at the database's clock.
SELECT
  CAST(COALESCE(SUM(s.state = 'available' OR (s.state = 'held' AND s.held_until <= NOW(6))), 0) AS SIGNED) AS free,
  CAST(COALESCE(SUM(s.state = 'paying' OR (s.state = 'held' AND s.held_until > NOW(6))), 0) AS SIGNED) AS held
FROM flight f JOIN seat s ON s.flight_id = f.id
WHERE f.sale_id = ? AND f.state = 'scheduled' AND f.sales_close_at > NOW(6);

-- name: QueueBlockCreate :exec
INSERT INTO queue_block (sale_id, epoch, reserved_until, serving, incarnation, updated_at)
VALUES (?, ?, 0, 0, '', NOW(6)) ON DUPLICATE KEY UPDATE sale_id = VALUES(sale_id);

-- name: QueueBlockAdopt :exec
-- From here on only this incarnation of Redis reserves numbers.
UPDATE queue_block SET incarnation = sqlc.arg(incarnation), updated_at = NOW(6)
WHERE sale_id = sqlc.arg(sale_id) AND epoch = sqlc.arg(epoch);

-- name: QueueBlockGet :one
SELECT reserved_until, serving, incarnation FROM queue_block WHERE sale_id = ? AND epoch = ?;

-- name: QueueBlockReserve :execrows
-- Reserves numbers if nobody else did since the caller looked.
UPDATE queue_block SET reserved_until = sqlc.arg(reserved_until), updated_at = NOW(6)
WHERE sale_id = sqlc.arg(sale_id) AND epoch = sqlc.arg(epoch)
  AND incarnation = sqlc.arg(incarnation) AND reserved_until = sqlc.arg(expected);

-- name: QueueBlockOwner :one
-- Which Redis reserves numbers; nobody else can adopt them until the transaction ends.
SELECT incarnation FROM queue_block WHERE sale_id = ? AND epoch = ? LOCK IN SHARE MODE;

-- name: QueueBlockServing :exec
UPDATE queue_block SET serving = GREATEST(serving, CAST(sqlc.arg(serving) AS SIGNED)), updated_at = NOW(6)
WHERE sale_id = sqlc.arg(sale_id) AND epoch = sqlc.arg(epoch);

-- name: QueueJoinsAfter :many
-- Places of a line in the order of their numbers, a page of them.
SELECT number, member_id, claimed_at, inside_until, ended_at FROM queue_join
WHERE sale_id = sqlc.arg(sale_id) AND epoch = sqlc.arg(epoch) AND number > sqlc.arg(after)
ORDER BY number LIMIT ?;

-- name: QueueJoinsOf :many
-- The claims of some places, as they stand.
SELECT number, inside_until, ended_at FROM queue_join
WHERE sale_id = sqlc.arg(sale_id) AND epoch = sqlc.arg(epoch) AND number IN (sqlc.slice(numbers));

-- name: QueueJoinsEnd :exec
UPDATE queue_join SET ended_at = sqlc.arg(ended_at)
WHERE sale_id = sqlc.arg(sale_id) AND epoch = sqlc.arg(epoch) AND number IN (sqlc.slice(numbers)) AND ended_at IS NULL;

-- name: SaleHolders :many
-- Members with a live hold in a sale and how long it lives.
SELECT member_id, CAST(MAX(held_until) AS DATETIME(6)) AS held_until FROM booking
WHERE state IN ('held', 'paying') AND held_until > NOW(6) AND sale_id = ? GROUP BY member_id;
