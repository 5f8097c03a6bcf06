-- name: FlightSearch :many
-- Flights of a route that can still be bought, with their fares, in the order of departure.
SELECT f.id, f.flight_no, f.local_date, f.departs_at, f.arrives_at, f.layout, f.international,
       f.sale_id, f.sales_close_at, s.slug AS sale_slug,
       ff.cabin, ff.fare_code, ff.base_amount, ff.quota
FROM flight f
JOIN flight_fare ff ON ff.flight_id = f.id
LEFT JOIN sale s ON s.id = f.sale_id
WHERE f.origin = sqlc.arg(origin) AND f.destination = sqlc.arg(destination)
  AND f.departs_at >= sqlc.arg(earliest) AND f.departs_at < sqlc.arg(latest)
  AND f.state = 'scheduled' AND f.sales_close_at > NOW(6)
ORDER BY f.departs_at, f.id;

-- name: FlightSearchSeats :many
-- Seats of the same flights by cabin and fare, and how many of them are in use now; a hold that ran out
-- leaves its fare on the seat without using it.
SELECT s.flight_id, s.cabin, s.fare_code, COUNT(*) AS seats,
       CAST(SUM(CASE WHEN s.state IN ('sold', 'paying') OR (s.state = 'held' AND s.held_until > NOW(6))
                     THEN 1 ELSE 0 END) AS SIGNED) AS used
FROM flight f
JOIN seat s ON s.flight_id = f.id
WHERE f.origin = sqlc.arg(origin) AND f.destination = sqlc.arg(destination)
  AND f.departs_at >= sqlc.arg(earliest) AND f.departs_at < sqlc.arg(latest)
  AND f.state = 'scheduled' AND f.sales_close_at > NOW(6) AND s.state <> 'blocked'
GROUP BY s.flight_id, s.cabin, s.fare_code;

-- name: FlightByPublicID :one
SELECT f.*, s.slug AS sale_slug FROM flight f LEFT JOIN sale s ON s.id = f.sale_id
WHERE f.flight_no = ? AND f.local_date = ?;

-- name: FlightByID :one
SELECT f.*, s.slug AS sale_slug FROM flight f LEFT JOIN sale s ON s.id = f.sale_id
WHERE f.id = ?;

-- name: FlightFares :many
SELECT cabin, fare_code, base_amount, quota FROM flight_fare WHERE flight_id = ?;

-- name: FlightSeats :many
-- Seats of one flight by cabin and fare, as FlightSearchSeats counts them.
SELECT s.cabin, s.fare_code, COUNT(*) AS seats,
       CAST(SUM(CASE WHEN s.state IN ('sold', 'paying') OR (s.state = 'held' AND s.held_until > NOW(6))
                     THEN 1 ELSE 0 END) AS SIGNED) AS used
FROM seat s
WHERE s.flight_id = ? AND s.state <> 'blocked'
GROUP BY s.cabin, s.fare_code;

-- name: SeatMap :many
-- Every seat of a flight; left_us is how long it is still held by the database's clock, in microseconds,
-- below 0 when a hold has run out, 0 where nobody holds it.
SELECT seat_no, state,
       CAST(COALESCE(TIMESTAMPDIFF(MICROSECOND, NOW(6), held_until), 0) AS SIGNED) AS left_us
FROM seat WHERE flight_id = ?;
