-- +goose Up
-- What the program cannot decide about money by itself, with what it knows, until an operator settles it.
CREATE TABLE payment_finding (
  payment_id VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  detail VARCHAR(300) NOT NULL,
  amount BIGINT NOT NULL,
  found_at DATETIME(6) NOT NULL,
  settled_at DATETIME(6) NULL,
  PRIMARY KEY (payment_id, kind),
  KEY payment_finding_open (settled_at, found_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE payment_finding;
