-- +goose Up
-- Queue numbers whose upper end is committed before the first of them is issued. incarnation names the run of
-- Redis that issues them: a Redis that has been replaced cannot reserve any more.
CREATE TABLE queue_block (
  sale_id BIGINT NOT NULL,
  epoch INT NOT NULL,
  reserved_until BIGINT NOT NULL,
  serving BIGINT NOT NULL DEFAULT 0,
  incarnation VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (sale_id, epoch)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE queue_block;
