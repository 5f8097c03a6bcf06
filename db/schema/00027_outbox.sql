-- +goose Up
-- What has to happen after a commit, written in it. pending is 1 until the broker has confirmed the message;
-- message_id is what consumers know it by: a replay is a new row with the old message_id, meant for one consumer.
CREATE TABLE outbox (
  id BIGINT NOT NULL,
  message_id BIGINT NOT NULL,
  lane VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  consumer VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  traceparent VARCHAR(55) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  pending TINYINT NULL,
  claimed_by VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  claimed_until DATETIME(6) NOT NULL,
  tries INT NOT NULL DEFAULT 0,
  created_at DATETIME(6) NOT NULL,
  sent_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  KEY outbox_due (lane, pending, claimed_until),
  KEY outbox_sent (sent_at),
  CONSTRAINT outbox_pending_is_1 CHECK (pending = 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE outbox;
