-- +goose Up
-- The flights of a booking, in the order of travel.
CREATE TABLE booking_leg (
  booking_id BIGINT NOT NULL,
  leg_no INT NOT NULL,
  flight_id BIGINT NOT NULL,
  PRIMARY KEY (booking_id, leg_no),
  KEY booking_leg_flight (flight_id, booking_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE booking_leg;
