-- +goose Up
-- Travellers of a booking; names come after the hold.
CREATE TABLE passenger (
  booking_id BIGINT NOT NULL,
  passenger_no INT NOT NULL,
  kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  surname VARCHAR(200) NOT NULL DEFAULT '',
  given_name VARCHAR(200) NOT NULL DEFAULT '',
  birth_date DATE NULL,
  nationality CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  exit_consent BOOLEAN NOT NULL DEFAULT FALSE,
  ticket_no CHAR(13) CHARACTER SET ascii COLLATE ascii_bin NULL,
  PRIMARY KEY (booking_id, passenger_no),
  UNIQUE KEY passenger_ticket (ticket_no),
  CONSTRAINT passenger_kind CHECK (kind IN ('adult','child','infant'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE passenger;
