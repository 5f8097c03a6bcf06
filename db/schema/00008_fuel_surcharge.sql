-- +goose Up
-- Fuel surcharge per person and leg, by the day of issue and the distance band.
CREATE TABLE fuel_surcharge (
  band VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  issue_from DATE NOT NULL,
  passenger_kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (band, passenger_kind, issue_from),
  CONSTRAINT fuel_surcharge_numbers CHECK (amount >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE fuel_surcharge;
