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
-- Seats of the same flights that cannot be had now, by cabin and by the fare they are in use at (none where
-- a seat is blocked). The free ones, which are most, are not counted: the layout knows how many there are.
SELECT s.flight_id, s.cabin, s.fare_code, COUNT(*) AS seats
FROM flight f
JOIN seat s ON s.flight_id = f.id
WHERE f.origin = sqlc.arg(origin) AND f.destination = sqlc.arg(destination)
  AND f.departs_at >= sqlc.arg(earliest) AND f.departs_at < sqlc.arg(latest)
  AND f.state = 'scheduled' AND f.sales_close_at > NOW(6)
  AND s.state <> 'available' AND NOT (s.state = 'held' AND s.held_until <= NOW(6))
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
-- Seats of one flight that cannot be had now, as FlightSearchSeats counts them.
SELECT s.cabin, s.fare_code, COUNT(*) AS seats
FROM seat s
WHERE s.flight_id = ? AND s.state <> 'available' AND NOT (s.state = 'held' AND s.held_until <= NOW(6))
GROUP BY s.cabin, s.fare_code;

-- name: SeatMap :many
-- Every seat of a flight; left_us is how long it is still held by the database's clock, in microseconds,
-- below 0 when a hold has run out, 0 where nobody holds it.
SELECT seat_no, state,
       CAST(COALESCE(TIMESTAMPDIFF(MICROSECOND, NOW(6), held_until), 0) AS SIGNED) AS left_us
FROM seat WHERE flight_id = ?;

-- name: SeatsOfMemberOnFlight :many
-- A member's bookings of the last day, the newest first, with their seats on one flight (none: empty); live is 1
-- while a booking holds its seats. No hold lives as long as a day.
SELECT b.id, b.ref, COALESCE(bs.seat_no, '') AS seat_no,
       CAST(b.state = 'paying' OR (b.state = 'held' AND b.held_until > NOW(6)) AS SIGNED) AS live
FROM booking b
LEFT JOIN booking_seat bs ON bs.booking_id = b.id AND bs.flight_id = sqlc.arg(flight_id) AND bs.live = 1
WHERE b.member_id = sqlc.arg(member_id) AND b.created_at > NOW(6) - INTERVAL 1 DAY
ORDER BY b.created_at DESC, b.id DESC, bs.seat_no;
