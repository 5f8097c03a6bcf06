-- +goose Up
-- Webhooks as they came, once each; worked on after the answer.
CREATE TABLE webhook (
  id VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  payment_id VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  body VARBINARY(8192) NOT NULL,
  received_at DATETIME(6) NOT NULL,
  next_try_at DATETIME(6) NOT NULL,
  tries INT NOT NULL DEFAULT 0,
  done_at DATETIME(6) NULL,
  pending TINYINT NULL,
  PRIMARY KEY (id),
  KEY webhook_due (pending, next_try_at),
  CONSTRAINT webhook_pending_is_1 CHECK (pending = 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE webhook;
