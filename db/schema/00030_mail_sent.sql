-- +goose Up
-- Mails that left, by the Message-ID under which they did.
CREATE TABLE mail_sent (
  message_id VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  booking_id BIGINT NULL,
  kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sent_at DATETIME(6) NOT NULL,
  PRIMARY KEY (message_id),
  KEY mail_sent_booking (booking_id, sent_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE mail_sent;
