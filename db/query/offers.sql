-- name: OfferFlight :one
-- What a hold has to know of a flight, with the limits of its sale.
SELECT f.id, f.flight_no, f.local_date, f.origin, f.destination, f.departs_at, f.layout, f.international, f.sale_id,
       COALESCE(s.booking_limit, 0) AS booking_limit, COALESCE(s.member_limit, 0) AS member_limit
FROM flight f LEFT JOIN sale s ON s.id = f.sale_id WHERE f.id = ?;
