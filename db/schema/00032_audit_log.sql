-- +goose Up
-- Who did what, append-only.
CREATE TABLE audit_log (
  id BIGINT NOT NULL,
  actor_id BIGINT NOT NULL,
  action VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  before_value VARCHAR(2000) NOT NULL DEFAULT '',
  after_value VARCHAR(2000) NOT NULL DEFAULT '',
  reason VARCHAR(300) NOT NULL DEFAULT '',
  request_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  happened_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY audit_log_subject (subject, happened_at, id),
  KEY audit_log_actor (actor_id, happened_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE audit_log;
