-- name: FlightIDsBetween :many
SELECT id FROM flight WHERE id BETWEEN sqlc.arg(first_id) AND sqlc.arg(last_id);

-- name: SaleSeed :exec
-- A sale of the demo; one that is there already is opened again and keeps what operators have set.
INSERT INTO sale (id, slug, name_ko, name_en, state, joins_at, opens_at, closes_at, rate_per_minute, burst, cap)
VALUES (?, ?, ?, ?, 'open', ?, ?, ?, ?, ?, ?)
ON DUPLICATE KEY UPDATE state = 'open', paused = FALSE,
  joins_at = VALUES(joins_at), opens_at = VALUES(opens_at), closes_at = VALUES(closes_at);

-- name: SaleSetCap :exec
UPDATE sale SET cap = ? WHERE id = ?;

-- name: SaleCandidates :many
-- Flights that could still be put on a sale: on none, and never booked.
SELECT f.id FROM flight f
WHERE f.flight_no IN (sqlc.slice(flight_nos))
  AND f.local_date BETWEEN sqlc.arg(first_day) AND sqlc.arg(last_day)
  AND f.sale_id IS NULL
  AND NOT EXISTS (SELECT 1 FROM booking_leg bl WHERE bl.flight_id = f.id);

-- name: FlightPutOnSale :execrows
UPDATE flight SET sale_id = sqlc.arg(sale_id), version = version + 1
WHERE id = sqlc.arg(flight_id) AND sale_id IS NULL;

-- name: FlightFareSet :exec
INSERT INTO flight_fare (flight_id, cabin, fare_code, base_amount, quota) VALUES (?, ?, ?, ?, ?)
ON DUPLICATE KEY UPDATE base_amount = VALUES(base_amount), quota = VALUES(quota);

-- name: DemoFlightOnNoSale :one
-- The flight with the most free seats of a layout within some days, on no sale.
SELECT f.flight_no, f.local_date FROM flight f JOIN seat s ON s.flight_id = f.id
WHERE f.origin = sqlc.arg(origin) AND f.destination = sqlc.arg(destination)
  AND f.departs_at >= sqlc.arg(earliest) AND f.departs_at < sqlc.arg(latest)
  AND f.layout = sqlc.arg(layout) AND f.sale_id IS NULL AND f.state = 'scheduled'
GROUP BY f.id, f.flight_no, f.local_date, f.departs_at
ORDER BY SUM(s.state = 'available' OR (s.state = 'held' AND s.held_until <= NOW(6))) DESC, f.departs_at LIMIT 1;

-- name: DemoFlightOnSale :one
-- The flight of a sale with the most free seats.
SELECT f.flight_no, f.local_date FROM flight f JOIN seat s ON s.flight_id = f.id
WHERE f.sale_id = sqlc.arg(sale_id) AND f.departs_at >= sqlc.arg(earliest) AND f.state = 'scheduled'
GROUP BY f.id, f.flight_no, f.local_date, f.departs_at
ORDER BY SUM(s.state = 'available' OR (s.state = 'held' AND s.held_until <= NOW(6))) DESC, f.departs_at LIMIT 1;
