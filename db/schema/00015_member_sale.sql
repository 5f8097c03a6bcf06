-- +goose Up
-- A member's use of a sale is counted after writing this row, so that two requests of one member meet here.
-- Sale 0 stands for all flights on no sale.
CREATE TABLE member_sale (
  sale_id BIGINT NOT NULL,
  member_id BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (sale_id, member_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE member_sale;
