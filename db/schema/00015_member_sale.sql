-- +goose Up
-- A member's use of a sale is counted after writing this row, so that two requests of one member meet here.
CREATE TABLE member_sale (
  sale_id BIGINT NOT NULL,
  member_id BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 0,
  unpaid_in_a_row INT NOT NULL DEFAULT 0,
  refused_until DATETIME(6) NULL,
  PRIMARY KEY (sale_id, member_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE member_sale;
