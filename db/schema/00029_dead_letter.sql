-- +goose Up
-- Messages that could not be worked on, with the reason, until an operator replays or discards them.
CREATE TABLE dead_letter (
  message_id BIGINT NOT NULL,
  consumer VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  lane VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tries INT NOT NULL,
  reason VARCHAR(500) NOT NULL,
  died_at DATETIME(6) NOT NULL,
  settled_at DATETIME(6) NULL,
  PRIMARY KEY (message_id, consumer),
  KEY dead_letter_open (settled_at, died_at, message_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE dead_letter;
