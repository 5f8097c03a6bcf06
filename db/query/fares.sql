-- name: FareProductsAll :many
SELECT * FROM fare_product ORDER BY sort_order, code;

-- name: PassengerRulesAll :many
SELECT * FROM passenger_rule ORDER BY international, passenger_kind;

-- name: DistanceBandsAll :many
SELECT * FROM distance_band ORDER BY international, up_to_km;

-- name: FuelSurchargesAll :many
SELECT * FROM fuel_surcharge ORDER BY band, passenger_kind, issue_from;

-- name: AirportChargesAll :many
SELECT * FROM airport_charge ORDER BY airport, international, passenger_kind;

-- name: CancellationFeesAll :many
SELECT * FROM cancellation_fee ORDER BY fare_code, international, days_before DESC;
