-- +goose Up
-- What happened to a booking, for its customer and for operators.
CREATE TABLE booking_event (
  booking_id BIGINT NOT NULL,
  event_no BIGINT NOT NULL,
  kind VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  detail VARCHAR(300) NOT NULL DEFAULT '',
  amount BIGINT NULL,
  happened_at DATETIME(6) NOT NULL,
  PRIMARY KEY (booking_id, event_no)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE booking_event;
