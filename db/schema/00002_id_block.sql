-- +goose Up
-- Blocks of ids that processes take for themselves: one small write per block, none per row.
CREATE TABLE id_block (
  name VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  next_id BIGINT NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE id_block;
