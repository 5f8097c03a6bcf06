-- +goose Up
-- Money that goes back, written with the change that causes it; one per attempt and cause. A stuck one is still
-- tried, slowly, while an operator looks into it.
CREATE TABLE refund (
  id VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  attempt_id VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  cause VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  amount BIGINT NOT NULL,
  currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tries INT NOT NULL DEFAULT 0,
  refusals INT NOT NULL DEFAULT 0,
  next_try_at DATETIME(6) NOT NULL,
  gateway_id VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  last_error VARCHAR(300) NOT NULL DEFAULT '',
  created_at DATETIME(6) NOT NULL,
  done_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY refund_cause (attempt_id, cause),
  KEY refund_due (state, next_try_at),
  CONSTRAINT refund_state CHECK (state IN ('pending','done','stuck')),
  CONSTRAINT refund_numbers CHECK (amount > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE refund;
