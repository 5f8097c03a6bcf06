-- +goose Up
-- A sale: flights sold together at one opening, with a waiting room before them.
CREATE TABLE sale (
  id BIGINT NOT NULL,
  slug VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name_ko VARCHAR(120) NOT NULL,
  name_en VARCHAR(120) NOT NULL,
  state VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  joins_at DATETIME(6) NOT NULL,
  opens_at DATETIME(6) NOT NULL,
  closes_at DATETIME(6) NOT NULL,
  paused BOOLEAN NOT NULL DEFAULT FALSE,
  pause_reason_ko VARCHAR(200) NOT NULL DEFAULT '',
  pause_reason_en VARCHAR(200) NOT NULL DEFAULT '',
  rate_per_minute INT NOT NULL,
  burst INT NOT NULL,
  cap INT NOT NULL,
  claim_seconds INT NOT NULL DEFAULT 180,
  epoch INT NOT NULL DEFAULT 1,
  booking_limit INT NOT NULL DEFAULT 4,
  member_limit INT NOT NULL DEFAULT 4,
  version BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (id),
  UNIQUE KEY sale_slug (slug),
  CONSTRAINT sale_state CHECK (state IN ('draft','checked','scheduled','open','drained','closed')),
  CONSTRAINT sale_numbers CHECK (rate_per_minute >= 0 AND burst >= 0 AND cap >= 0 AND claim_seconds > 0 AND booking_limit BETWEEN 1 AND 9 AND member_limit >= 1),
  CONSTRAINT sale_times CHECK (joins_at <= opens_at AND opens_at < closes_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE sale;
