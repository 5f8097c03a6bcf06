-- +goose Up
-- One booking, from hold to its end. Its public name is ref.
CREATE TABLE booking (
  id BIGINT NOT NULL,
  ref CHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  member_id BIGINT NOT NULL,
  sale_id BIGINT NULL,
  state VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  held_until DATETIME(6) NULL,
  extended BOOLEAN NOT NULL DEFAULT FALSE,
  pay_extended BOOLEAN NOT NULL DEFAULT FALSE,
  retry_extended BOOLEAN NOT NULL DEFAULT FALSE,
  adults INT NOT NULL,
  children INT NOT NULL,
  infants INT NOT NULL,
  total BIGINT NOT NULL,
  currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  contact_name VARCHAR(200) NOT NULL DEFAULT '',
  contact_email VARCHAR(254) NOT NULL DEFAULT '',
  contact_phone VARCHAR(30) NOT NULL DEFAULT '',
  language CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  idem_key VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  idem_hash BINARY(32) NULL,
  replaces BIGINT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  created_at DATETIME(6) NOT NULL,
  confirmed_at DATETIME(6) NULL,
  ended_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY booking_ref (ref),
  UNIQUE KEY booking_idem (idem_key, member_id),
  KEY booking_member (member_id, created_at, id),
  KEY booking_due (state, held_until),
  CONSTRAINT booking_state CHECK (state IN ('held','paying','confirmed','cancelled','expired')),
  CONSTRAINT booking_until CHECK ((state IN ('held','paying')) = (held_until IS NOT NULL)),
  CONSTRAINT booking_numbers CHECK (total >= 0 AND adults >= 0 AND children >= 0 AND infants >= 0 AND adults + children BETWEEN 1 AND 9 AND infants <= adults)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE booking;
