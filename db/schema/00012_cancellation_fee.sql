-- +goose Up
-- Fees for cancelling, per passenger and leg. The row with the largest hours_before that is still ahead counts.
CREATE TABLE cancellation_fee (
  fare_code VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  international BOOLEAN NOT NULL,
  days_before INT NOT NULL,
  fee BIGINT NOT NULL,
  PRIMARY KEY (fare_code, international, days_before),
  CONSTRAINT cancellation_fee_numbers CHECK (fee >= 0 AND days_before >= -1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE cancellation_fee;
