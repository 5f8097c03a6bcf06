-- name: FlightWrite :execrows
UPDATE flight SET version = version + 1 WHERE id = ?;

-- name: FlightClock :one
-- The database's clock and what the flight says now: read after the seats are locked.
SELECT CAST(NOW(6) AS DATETIME(6)) AS now, state, sales_close_at, layout FROM flight WHERE id = ?;

-- name: Clock :one
SELECT CAST(NOW(6) AS DATETIME(6)) AS now;

-- name: SeatsLock :many
SELECT seat_no, cabin, state, booking_id, fare_code, held_until, version, fence
FROM seat WHERE flight_id = ? AND seat_no IN (sqlc.slice(seat_nos))
ORDER BY seat_no FOR UPDATE;

-- name: SeatsRead :many
-- The same without locks, for the conditional strategy.
SELECT seat_no, cabin, state, booking_id, fare_code, held_until, version, fence
FROM seat WHERE flight_id = ? AND seat_no IN (sqlc.slice(seat_nos))
ORDER BY seat_no;

-- name: SeatsTaken :many
-- Seats that are not free, unlocked; left_us is how long a hold still has by the database's clock, in microseconds.
SELECT seat_no, state, CAST(COALESCE(TIMESTAMPDIFF(MICROSECOND, NOW(6), held_until), 0) AS SIGNED) AS left_us
FROM seat WHERE flight_id = ? AND state <> 'available';

-- name: SeatsFree :many
-- Seats that could be taken now, unlocked: a proposal only.
SELECT seat_no, cabin FROM seat
WHERE flight_id = ? AND (state = 'available' OR (state = 'held' AND held_until <= NOW(6)))
ORDER BY seat_no;

-- name: FareUse :many
-- Places in use by cabin and fare at an instant, counted over the flight's seats after its row was written.
SELECT cabin, fare_code, COUNT(*) AS used FROM seat
WHERE flight_id = sqlc.arg(flight_id) AND fare_code IS NOT NULL
  AND (state IN ('sold', 'paying') OR (state = 'held' AND held_until > sqlc.arg(now)))
GROUP BY cabin, fare_code;

-- name: MemberSaleUse :many
-- Seats that members have on a sale's flights at an instant, bought or held, and how many of their bookings are unpaid.
SELECT b.member_id, COUNT(CASE WHEN f.sale_id = b.sale_id THEN 1 END) AS seats,
  COUNT(DISTINCT CASE WHEN b.state <> 'confirmed' THEN b.id END) AS unpaid
FROM booking b JOIN booking_seat bs ON bs.booking_id = b.id AND bs.live = 1 JOIN flight f ON f.id = bs.flight_id
WHERE b.member_id IN (sqlc.slice(member_ids)) AND b.sale_id = sqlc.arg(sale_id)
  AND (b.state IN ('paying', 'confirmed') OR (b.state = 'held' AND b.held_until > sqlc.arg(now)))
GROUP BY b.member_id;

-- name: MemberSaleStory :many
-- How members' recent bookings of a sale went, for the rules about holds that ran out or were let go.
SELECT id, member_id, state, held_until, confirmed_at, ended_at, CAST(NOW(6) AS DATETIME(6)) AS now FROM booking
WHERE member_id IN (sqlc.slice(member_ids)) AND sale_id = sqlc.arg(sale_id) AND created_at > NOW(6) - INTERVAL 1 DAY
ORDER BY created_at, id;

-- name: MemberHolds :many
-- Unpaid bookings that members have at an instant on flights of no sale.
SELECT member_id, COUNT(*) AS unpaid FROM booking
WHERE member_id IN (sqlc.slice(member_ids)) AND sale_id IS NULL
  AND (state = 'paying' OR (state = 'held' AND held_until > sqlc.arg(now)))
GROUP BY member_id;

-- name: BookingsByKey :many
-- By keys alone: for pairs of two lists the database would look every combination up. Whose they are the caller sees.
SELECT id, ref, member_id, held_until, idem_key, idem_hash FROM booking WHERE idem_key IN (sqlc.slice(idem_keys));

-- name: BookingsStored :many
-- Which of these bookings a transaction whose COMMIT was not answered did store.
SELECT id, ref, held_until FROM booking WHERE id IN (sqlc.slice(ids));

-- The probes ask whether one request could have its locks at once, in the order in which a hold takes them.

-- name: MemberSaleProbe :many
SELECT version FROM member_sale WHERE sale_id = ? AND member_id = ? FOR UPDATE NOWAIT;

-- name: FlightProbe :many
SELECT version FROM flight WHERE id = ? FOR UPDATE NOWAIT;

-- name: SeatsProbe :many
SELECT state, booking_id FROM seat WHERE flight_id = ? AND seat_no IN (sqlc.slice(seat_nos))
ORDER BY seat_no FOR UPDATE NOWAIT;

-- name: BookingsProbe :many
SELECT version FROM booking WHERE id IN (sqlc.slice(ids)) ORDER BY id FOR UPDATE NOWAIT;

-- name: BookingKeyProbe :many
SELECT version FROM booking WHERE idem_key = ? AND member_id = ? FOR UPDATE NOWAIT;

-- name: BookingByRef :one
SELECT * FROM booking WHERE ref = ?;

-- name: BookingGet :one
SELECT * FROM booking WHERE id = ?;

-- name: BookingsLock :many
SELECT * FROM booking WHERE id IN (sqlc.slice(ids)) ORDER BY id FOR UPDATE;

-- name: BookingLegs :many
SELECT * FROM booking_leg WHERE booking_id = ? ORDER BY leg_no;

-- name: BookingSeats :many
-- Every claim that a booking ever had; where it has had a seat twice, the newest comes last.
SELECT flight_id, seat_no, fence, passenger_no, live FROM booking_seat
WHERE booking_id = ? ORDER BY flight_id, seat_no, fence;

-- name: BookingSeatsLock :many
-- The live claims on seats whose rows are locked already.
SELECT seat_no, fence, booking_id FROM booking_seat
WHERE flight_id = ? AND seat_no IN (sqlc.slice(seat_nos)) AND live = 1
ORDER BY seat_no FOR UPDATE;

-- name: BookingSeatsRelease :execrows
UPDATE booking_seat SET live = NULL
WHERE flight_id = sqlc.arg(flight_id) AND seat_no IN (sqlc.slice(seat_nos)) AND live = 1 AND booking_id IN (sqlc.slice(booking_ids));

-- name: BookingsExpire :execrows
-- By the key booking_due the database would lock every hold that ran out, not these alone.
UPDATE booking FORCE INDEX (PRIMARY) SET state = 'expired', ended_at = held_until, held_until = NULL, version = version + 1
WHERE id IN (sqlc.slice(ids)) AND state = 'held' AND held_until <= sqlc.arg(now);

-- Seats move only while the booking owns them under its fence, and a hold only on the right side of its end.

-- name: SeatsOfBooking :execrows
-- Moves seats of a live hold, or those being paid for, to another state.
UPDATE seat s JOIN booking_seat c ON c.flight_id = s.flight_id AND c.seat_no = s.seat_no AND c.fence = s.fence AND c.live = 1
SET s.state = sqlc.arg(to_state), s.held_until = sqlc.arg(held_until), s.version = s.version + 1
WHERE s.flight_id = sqlc.arg(flight_id) AND s.seat_no IN (sqlc.slice(seat_nos)) AND s.booking_id = sqlc.arg(booking_id)
  AND c.booking_id = sqlc.arg(claimant) AND s.state = sqlc.arg(from_state) AND (s.state = 'paying' OR s.held_until > sqlc.arg(now));

-- name: SeatsGiveBack :execrows
-- Frees seats of a live hold, or those paid or being paid for.
UPDATE seat s JOIN booking_seat c ON c.flight_id = s.flight_id AND c.seat_no = s.seat_no AND c.fence = s.fence AND c.live = 1
SET s.state = 'available', s.booking_id = NULL, s.fare_code = NULL, s.held_until = NULL, s.version = s.version + 1
WHERE s.flight_id = sqlc.arg(flight_id) AND s.seat_no IN (sqlc.slice(seat_nos)) AND s.booking_id = sqlc.arg(booking_id)
  AND c.booking_id = sqlc.arg(claimant) AND s.state = sqlc.arg(from_state) AND (s.state <> 'held' OR s.held_until > sqlc.arg(now));

-- name: SeatsExpire :execrows
-- Frees seats of a hold that ran out.
UPDATE seat s JOIN booking_seat c ON c.flight_id = s.flight_id AND c.seat_no = s.seat_no AND c.fence = s.fence AND c.live = 1
SET s.state = 'available', s.booking_id = NULL, s.fare_code = NULL, s.held_until = NULL, s.version = s.version + 1
WHERE s.flight_id = sqlc.arg(flight_id) AND s.seat_no IN (sqlc.slice(seat_nos)) AND s.booking_id = sqlc.arg(booking_id)
  AND c.booking_id = sqlc.arg(claimant) AND s.state = 'held' AND s.held_until <= sqlc.arg(now);

-- name: SeatHistoryAppend :exec
-- Copies the present row of seats that this transaction has just written.
INSERT INTO seat_history (flight_id, seat_no, version, state, booking_id, held_until, happened_at, cause)
SELECT s.flight_id, s.seat_no, s.version, s.state, s.booking_id, s.held_until, sqlc.arg(happened_at), sqlc.arg(cause)
FROM seat s WHERE s.flight_id = sqlc.arg(flight_id) AND s.seat_no IN (sqlc.slice(seat_nos));

-- name: SeatHistoryOf :many
SELECT * FROM seat_history WHERE flight_id = ? AND seat_no = ? ORDER BY version DESC LIMIT 1000;

-- name: BookingSetState :execrows
UPDATE booking SET state = sqlc.arg(to_state), held_until = sqlc.arg(held_until), retry_extended = sqlc.arg(retry_extended),
  confirmed_at = COALESCE(sqlc.arg(confirmed_at), confirmed_at), ended_at = sqlc.arg(ended_at), version = version + 1
WHERE id = sqlc.arg(id) AND state = sqlc.arg(from_state) AND version = sqlc.arg(version);

-- name: BookingSetUntil :execrows
UPDATE booking SET held_until = sqlc.arg(held_until), extended = sqlc.arg(extended), pay_extended = sqlc.arg(pay_extended), version = version + 1
WHERE id = sqlc.arg(id) AND state = 'held' AND version = sqlc.arg(version);

-- name: BookingSetContact :execrows
UPDATE booking SET contact_name = ?, contact_email = ?, contact_phone = ?, language = ?, version = version + 1
WHERE id = ? AND state = 'held';

-- name: BookingView :one
-- A booking with the database's clock, so that time left is told by the clock that decides.
SELECT sqlc.embed(booking), CAST(NOW(6) AS DATETIME(6)) AS now FROM booking WHERE ref = ?;

-- name: PassengerPut :exec
INSERT INTO passenger (booking_id, passenger_no, kind, surname, given_name, birth_date, nationality, exit_consent) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON DUPLICATE KEY UPDATE kind = VALUES(kind), surname = VALUES(surname), given_name = VALUES(given_name), birth_date = VALUES(birth_date), nationality = VALUES(nationality), exit_consent = VALUES(exit_consent);

-- name: PassengersOf :many
SELECT * FROM passenger WHERE booking_id = ? ORDER BY passenger_no;

-- name: PassengerSetTicket :execrows
UPDATE passenger SET ticket_no = ? WHERE booking_id = ? AND passenger_no = ? AND ticket_no IS NULL;

-- name: TravellersDelete :exec
DELETE FROM booking_traveller WHERE flight_id IN (sqlc.slice(flight_ids)) AND booking_id = sqlc.arg(booking_id);

-- name: TravellerPut :exec
-- Not live: nobody's place is taken before a booking is paid for.
INSERT INTO booking_traveller (flight_id, booking_id, passenger_no, traveller_hash, live) VALUES (?, ?, ?, ?, NULL);

-- name: TravellersOfMember :one
-- How many of these travellers other live bookings of the member have on a flight at an instant.
SELECT COUNT(*) FROM booking_traveller t JOIN booking b ON b.id = t.booking_id
WHERE t.flight_id = sqlc.arg(flight_id) AND t.traveller_hash IN (sqlc.slice(hashes)) AND b.member_id = sqlc.arg(member_id)
  AND b.id <> sqlc.arg(booking_id) AND b.id <> sqlc.arg(replaced)
  AND (b.state IN ('paying', 'confirmed') OR (b.state = 'held' AND b.held_until > sqlc.arg(now)));

-- name: TravellersClaim :exec
-- Takes the travellers' places on a flight; a unique key refuses one that somebody has.
UPDATE booking_traveller SET live = 1 WHERE flight_id = ? AND booking_id = ?;

-- name: TravellersRelease :exec
UPDATE booking_traveller SET live = NULL WHERE flight_id = ? AND booking_id = ? AND live = 1;

-- name: PriceLinesOf :many
SELECT * FROM price_line WHERE booking_id = ? ORDER BY leg_no, passenger_no;

-- name: PriceLineRefund :execrows
UPDATE price_line SET refunded = sqlc.arg(refunded), fee = sqlc.arg(fee)
WHERE booking_id = sqlc.arg(booking_id) AND passenger_no = sqlc.arg(passenger_no) AND leg_no = sqlc.arg(leg_no) AND refunded = 0 AND fee = 0;

-- name: BookingEventAppend :exec
INSERT INTO booking_event (booking_id, event_no, kind, detail, amount, happened_at) VALUES (?, ?, ?, ?, ?, ?);

-- name: BookingEventLast :one
-- The number after which a booking's next event comes, wherever the clock stands.
SELECT CAST(COALESCE(MAX(event_no), 0) AS SIGNED) AS event_no FROM booking_event WHERE booking_id = ?;

-- name: BookingEvents :many
SELECT * FROM booking_event WHERE booking_id = ? ORDER BY happened_at, event_no LIMIT 500;

-- name: BookingsOfMember :many
-- My trips, newest first, paged by key.
SELECT sqlc.embed(booking), CAST(NOW(6) AS DATETIME(6)) AS now FROM booking
WHERE member_id = sqlc.arg(member_id) AND (created_at < sqlc.arg(before_at) OR (created_at = sqlc.arg(before_at) AND id < sqlc.arg(before_id)))
ORDER BY created_at DESC, id DESC LIMIT ?;

-- name: LegsOfBookings :many
SELECT l.booking_id, l.leg_no, f.id AS flight_id, f.flight_no, f.local_date, f.origin, f.destination, f.departs_at, f.arrives_at, f.state, f.layout
FROM booking_leg l JOIN flight f ON f.id = l.flight_id
WHERE l.booking_id IN (sqlc.slice(ids)) ORDER BY l.booking_id, l.leg_no;

-- name: SeatsOfBookings :many
SELECT booking_id, flight_id, seat_no, passenger_no, fence, live FROM booking_seat
WHERE booking_id IN (sqlc.slice(ids)) ORDER BY booking_id, flight_id, passenger_no;

-- name: BookingsDue :many
-- Holds that ran out and have not been recorded so yet; the record is for reading, nothing depends on it.
SELECT id FROM booking WHERE state = 'held' AND held_until <= sqlc.arg(before_at) ORDER BY held_until LIMIT ?;

-- name: BookingReprice :execrows
-- Another party on the same seats, while they are held.
UPDATE booking SET adults = ?, children = ?, infants = ?, total = ?, version = version + 1
WHERE id = ? AND state = 'held' AND version = ?;

-- name: BookingSeatPassenger :execrows
UPDATE booking_seat SET passenger_no = ? WHERE flight_id = ? AND seat_no = ? AND fence = ? AND booking_id = ? AND live = 1;

-- name: PriceLinesDelete :execrows
DELETE FROM price_line WHERE booking_id = ? AND refunded = 0 AND fee = 0;

-- name: BookingSetReplaces :execrows
-- A hold that is to replace a confirmed booking.
UPDATE booking SET replaces = ? WHERE id = ?;
