-- +goose Up
-- Distance bands of the fuel surcharge: a leg belongs to the smallest band that reaches it.
CREATE TABLE distance_band (
  band VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  international BOOLEAN NOT NULL,
  up_to_km INT NOT NULL,
  PRIMARY KEY (band)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE distance_band;
