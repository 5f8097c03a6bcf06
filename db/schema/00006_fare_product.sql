-- +goose Up
-- Fare products: what a fare allows, in words and numbers.
CREATE TABLE fare_product (
  code VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name_ko VARCHAR(60) NOT NULL,
  name_en VARCHAR(60) NOT NULL,
  rules_ko VARCHAR(600) NOT NULL,
  rules_en VARCHAR(600) NOT NULL,
  baggage_kg INT NOT NULL,
  changeable BOOLEAN NOT NULL,
  discountable BOOLEAN NOT NULL,
  sort_order INT NOT NULL,
  PRIMARY KEY (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE fare_product;
