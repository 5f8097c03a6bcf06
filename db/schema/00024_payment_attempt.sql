-- +goose Up
-- One try to pay. id is the gateway's payment id. applied is 1 on the one capture that bought the booking. Whoever
-- holds the lease is the only one that calls the gateway about this payment, refunds included.
CREATE TABLE payment_attempt (
  id VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  booking_id BIGINT NOT NULL,
  attempt_no INT NOT NULL,
  channel VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  approval VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  amount BIGINT NOT NULL,
  currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(11) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  live TINYINT NULL,
  applied TINYINT NULL,
  payment_token VARCHAR(1024) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  gateway_tx VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  reason VARCHAR(300) NOT NULL DEFAULT '',
  lease_owner VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  lease_until DATETIME(6) NOT NULL,
  taken_at DATETIME(6) NULL,
  confirms INT NOT NULL DEFAULT 0,
  confirm_ended_at DATETIME(6) NULL,
  not_paid_seen INT NOT NULL DEFAULT 0,
  next_check_at DATETIME(6) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  ended_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY payment_attempt_no (booking_id, attempt_no),
  UNIQUE KEY payment_attempt_live (booking_id, live),
  UNIQUE KEY payment_attempt_applied (booking_id, applied),
  KEY payment_attempt_due (state, next_check_at),
  KEY payment_attempt_created (created_at),
  CONSTRAINT payment_attempt_state CHECK (state IN ('started','confirming','applied','refused','refunding','abandoned')),
  CONSTRAINT payment_attempt_approval CHECK (approval IN ('manual','automatic')),
  CONSTRAINT payment_attempt_taken CHECK (state <> 'confirming' OR taken_at IS NOT NULL),
  CONSTRAINT payment_attempt_live_is_1 CHECK (live = 1),
  CONSTRAINT payment_attempt_applied_is_1 CHECK (applied = 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE payment_attempt;
