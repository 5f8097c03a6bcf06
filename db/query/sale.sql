-- name: SalesAll :many
-- The newest sales with the database's clock, by which their states are told.
SELECT id, slug, name_ko, name_en, state, joins_at, opens_at, closes_at, paused, pause_reason_ko, pause_reason_en,
       rate_per_minute, burst, cap, claim_seconds, epoch, booking_limit, member_limit, version, CAST(NOW(6) AS DATETIME(6)) AS now
FROM sale ORDER BY opens_at DESC, id LIMIT 500;

-- name: SaleLock :one
SELECT * FROM sale WHERE id = ? FOR UPDATE;

-- name: SaleControl :execrows
-- What operators may change while a sale runs.
UPDATE sale SET state = sqlc.arg(state), paused = sqlc.arg(paused), pause_reason_ko = sqlc.arg(pause_reason_ko),
  pause_reason_en = sqlc.arg(pause_reason_en), rate_per_minute = sqlc.arg(rate_per_minute), cap = sqlc.arg(cap),
  version = version + 1
WHERE id = sqlc.arg(id) AND version = sqlc.arg(version);

-- name: SaleFlightFares :many
-- The flights of a sale that can still be bought, with their fares.
SELECT f.id, f.flight_no, f.local_date, f.origin, f.destination, f.departs_at, f.international,
       ff.cabin, ff.fare_code, ff.base_amount, ff.quota
FROM flight f JOIN flight_fare ff ON ff.flight_id = f.id
WHERE f.sale_id = ? AND f.state = 'scheduled' AND f.sales_close_at > NOW(6)
ORDER BY f.departs_at, f.id, ff.base_amount;

-- name: SaleSeats :many
-- The seats of a sale's flights at the database's clock: how many are free, held or being paid for, and sold.
SELECT s.flight_id, s.cabin, s.fare_code,
  CAST(SUM(s.state = 'available' OR (s.state = 'held' AND s.held_until <= NOW(6))) AS SIGNED) AS free,
  CAST(SUM(s.state = 'held' AND s.held_until > NOW(6)) AS SIGNED) AS held,
  CAST(SUM(s.state = 'paying') AS SIGNED) AS paying,
  CAST(SUM(s.state = 'sold') AS SIGNED) AS sold
FROM flight f JOIN seat s ON s.flight_id = f.id
WHERE f.sale_id = ?
GROUP BY s.flight_id, s.cabin, s.fare_code;
