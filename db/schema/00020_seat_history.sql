-- +goose Up
-- Every change of a seat, append-only. Expiry needs no row of its own: held_until tells its instant.
CREATE TABLE seat_history (
  flight_id BIGINT NOT NULL,
  seat_no VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version BIGINT NOT NULL,
  state VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  booking_id BIGINT NULL,
  held_until DATETIME(6) NULL,
  happened_at DATETIME(6) NOT NULL,
  cause VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (flight_id, seat_no, version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE seat_history;
