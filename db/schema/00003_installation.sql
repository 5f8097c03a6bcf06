-- +goose Up
-- Values made once for this installation, such as the key of the booking references.
CREATE TABLE installation (
  name VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  value VARBINARY(255) NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE installation;
