-- +goose Up
-- One departure. The row is written, not only locked, by every hold that a quota or limit binds (version).
CREATE TABLE flight (
  id BIGINT NOT NULL,
  flight_no VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  local_date DATE NOT NULL,
  origin CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  destination CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  departs_at DATETIME(6) NOT NULL,
  arrives_at DATETIME(6) NOT NULL,
  layout VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'scheduled',
  international BOOLEAN NOT NULL,
  sale_id BIGINT NULL,
  sales_close_at DATETIME(6) NOT NULL,
  version BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (id),
  UNIQUE KEY flight_public (flight_no, local_date),
  KEY flight_route (origin, destination, departs_at),
  KEY flight_sale (sale_id, departs_at),
  KEY flight_departure (departs_at),
  CONSTRAINT flight_state CHECK (state IN ('scheduled','cancelled')),
  CONSTRAINT flight_times CHECK (departs_at < arrives_at AND sales_close_at <= departs_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE flight;
