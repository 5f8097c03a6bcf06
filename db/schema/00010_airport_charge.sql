-- +goose Up
-- Airport charge per person who departs, by airport, market and kind of passenger.
CREATE TABLE airport_charge (
  airport CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  international BOOLEAN NOT NULL,
  passenger_kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (airport, international, passenger_kind),
  CONSTRAINT airport_charge_numbers CHECK (amount >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE airport_charge;
