-- +goose Up
-- Who holds a seat under which fence. UNIQUE (flight, seat, live) lets the schema itself refuse a second owner; live is 1 or NULL.
CREATE TABLE booking_seat (
  flight_id BIGINT NOT NULL,
  seat_no VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  fence BIGINT NOT NULL,
  booking_id BIGINT NOT NULL,
  passenger_no INT NOT NULL,
  live TINYINT NULL,
  PRIMARY KEY (flight_id, seat_no, fence),
  UNIQUE KEY booking_seat_live (flight_id, seat_no, live),
  KEY booking_seat_booking (booking_id, flight_id, seat_no),
  CONSTRAINT booking_seat_live_is_1 CHECK (live = 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE booking_seat;
