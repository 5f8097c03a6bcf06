-- +goose Up
-- Airports with their names and zone; loaded from the data files by seed.
CREATE TABLE airport (
  code CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name_ko VARCHAR(80) NOT NULL,
  name_en VARCHAR(80) NOT NULL,
  city_ko VARCHAR(60) NOT NULL,
  city_en VARCHAR(60) NOT NULL,
  country CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  zone VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  latitude DOUBLE NOT NULL,
  longitude DOUBLE NOT NULL,
  PRIMARY KEY (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE airport;
