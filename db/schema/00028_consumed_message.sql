-- +goose Up
-- Messages whose effect is done: written in the effect's transaction, so that a second delivery changes nothing.
CREATE TABLE consumed_message (
  message_id BIGINT NOT NULL,
  consumer VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  consumed_at DATETIME(6) NOT NULL,
  PRIMARY KEY (message_id, consumer),
  KEY consumed_message_at (consumed_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE consumed_message;
