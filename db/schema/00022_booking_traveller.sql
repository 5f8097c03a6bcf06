-- +goose Up
-- One traveller once per flight, whatever the account: hash of name and birth date, live is 1 or NULL.
CREATE TABLE booking_traveller (
  flight_id BIGINT NOT NULL,
  booking_id BIGINT NOT NULL,
  passenger_no INT NOT NULL,
  traveller_hash BINARY(32) NOT NULL,
  live TINYINT NULL,
  PRIMARY KEY (flight_id, booking_id, passenger_no),
  UNIQUE KEY booking_traveller_live (flight_id, traveller_hash, live),
  CONSTRAINT booking_traveller_live_is_1 CHECK (live = 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE booking_traveller;
