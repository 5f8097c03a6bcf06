-- +goose Up
-- What each passenger pays on each leg, frozen at the hold.
CREATE TABLE price_line (
  booking_id BIGINT NOT NULL,
  passenger_no INT NOT NULL,
  leg_no INT NOT NULL,
  cabin VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  fare_code VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  base BIGINT NOT NULL,
  fuel BIGINT NOT NULL,
  charges BIGINT NOT NULL,
  seat BIGINT NOT NULL,
  refunded BIGINT NOT NULL DEFAULT 0,
  fee BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (booking_id, passenger_no, leg_no),
  CONSTRAINT price_line_numbers CHECK (base >= 0 AND fuel >= 0 AND charges >= 0 AND seat >= 0 AND refunded >= 0 AND fee >= 0 AND refunded + fee <= base + fuel + charges + seat)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE price_line;
