-- +goose Up
-- The fares of one flight and cabin: base amount for an adult in won, and how many places there are (NULL: no quota).
CREATE TABLE flight_fare (
  flight_id BIGINT NOT NULL,
  cabin VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  fare_code VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  base_amount BIGINT NOT NULL,
  quota INT NULL,
  PRIMARY KEY (flight_id, cabin, fare_code),
  CONSTRAINT flight_fare_numbers CHECK (base_amount >= 0 AND (quota IS NULL OR quota >= 0)),
  CONSTRAINT flight_fare_cabin CHECK (cabin IN ('economy','business','first'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE flight_fare;
