-- +goose Up
-- Every seat of every flight: the one row that decides who has it.
CREATE TABLE seat (
  flight_id BIGINT NOT NULL,
  seat_no VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  cabin VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'available',
  booking_id BIGINT NULL,
  fare_code VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NULL,
  held_until DATETIME(6) NULL,
  version BIGINT NOT NULL DEFAULT 0,
  fence BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (flight_id, seat_no),
  CONSTRAINT seat_state CHECK (state IN ('available','held','paying','sold','blocked')),
  CONSTRAINT seat_owner CHECK ((state IN ('available','blocked')) = (booking_id IS NULL)),
  CONSTRAINT seat_until CHECK ((state IN ('held','paying')) = (held_until IS NOT NULL)),
  CONSTRAINT seat_fence CHECK (fence <= version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE seat;
