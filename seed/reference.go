package seed

import (
	"context"
	"time"

	"pigonair/db"
	"pigonair/flights"
)

// reference fills the tables of airports and fares; rows that are there stay as operators have set them.
func (s *seeder) reference(ctx context.Context) error {
	rows, err := s.tariff.Rows()
	if err != nil {
		return err
	}
	for _, t := range []struct {
		into, key string
		rows      [][]any
	}{
		{"airport (code, name_ko, name_en, city_ko, city_en, country, zone, latitude, longitude)", "code",
			each(s.airports.All(), airportRow)},
		{"fare_product (code, name_ko, name_en, rules_ko, rules_en, baggage_kg, changeable, discountable, sort_order)", "code",
			each(rows.Products, productRow)},
		{"passenger_rule (international, passenger_kind, percent_of_base, age_below)", "passenger_kind",
			each(rows.Passengers, func(r db.PassengerRule) []any {
				return []any{r.International, r.PassengerKind, r.PercentOfBase, r.AgeBelow}
			})},
		{"distance_band (band, international, up_to_km)", "band",
			each(rows.Bands, func(r db.DistanceBand) []any { return []any{r.Band, r.International, r.UpToKm} })},
		{"fuel_surcharge (band, issue_from, passenger_kind, amount)", "band",
			each(rows.Fuel, func(r db.FuelSurcharge) []any {
				return []any{r.Band, r.IssueFrom.Format(time.DateOnly), r.PassengerKind, r.Amount}
			})},
		{"airport_charge (airport, international, passenger_kind, amount)", "airport",
			each(rows.Charges, func(r db.AirportCharge) []any {
				return []any{r.Airport, r.International, r.PassengerKind, r.Amount}
			})},
		{"cancellation_fee (fare_code, international, days_before, fee)", "fare_code",
			each(rows.Fees, func(r db.CancellationFee) []any {
				return []any{r.FareCode, r.International, r.DaysBefore, r.Fee}
			})},
	} {
		if err := insert(ctx, s.conn, t.into, t.rows, keep(t.key)); err != nil {
			return err
		}
	}
	return nil
}

func each[T any](items []T, row func(T) []any) [][]any {
	var rows [][]any
	for _, item := range items {
		rows = append(rows, row(item))
	}
	return rows
}

func airportRow(a flights.Airport) []any {
	return []any{a.Code, a.Name.Ko, a.Name.En, a.City.Ko, a.City.En, a.Country,
		a.Zone.String(), a.Latitude, a.Longitude}
}

func productRow(p db.FareProduct) []any {
	return []any{p.Code, p.NameKo, p.NameEn, p.RulesKo, p.RulesEn,
		p.BaggageKg, p.Changeable, p.Discountable, p.SortOrder}
}
