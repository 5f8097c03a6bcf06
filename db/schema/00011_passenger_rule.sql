-- +goose Up
-- What a kind of passenger pays of the base fare, and up to which age (not reached on the day of the leg) the kind holds.
CREATE TABLE passenger_rule (
  international BOOLEAN NOT NULL,
  passenger_kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  percent_of_base INT NOT NULL,
  age_below INT NOT NULL,
  PRIMARY KEY (international, passenger_kind),
  CONSTRAINT passenger_rule_kind CHECK (passenger_kind IN ('adult','child','infant'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- +goose Down
DROP TABLE passenger_rule;
