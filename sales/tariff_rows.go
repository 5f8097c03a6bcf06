package sales

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"pigonair/db"
)

// Rows is the content of the tables that prices and fees are computed from.
type Rows struct {
	Products   []db.FareProduct
	Passengers []db.PassengerRule
	Bands      []db.DistanceBand
	Fuel       []db.FuelSurcharge
	Charges    []db.AirportCharge
	Fees       []db.CancellationFee
}

// Rows returns the data file as the rows of its tables, in a fixed order.
func (t *Tariff) Rows() (Rows, error) {
	fees, err := t.feeRows()
	if err != nil {
		return Rows{}, err
	}
	fuel, err := t.fuelRows()
	if err != nil {
		return Rows{}, err
	}
	return Rows{Products: t.productRows(), Passengers: t.passengerRows(), Bands: t.bandRows(),
		Fuel: fuel, Charges: t.chargeRows(), Fees: fees}, nil
}

func (t *Tariff) productRows() []db.FareProduct {
	var rows []db.FareProduct
	for i, p := range t.Product {
		rows = append(rows, db.FareProduct{Code: p.Code, NameKo: p.Name.Ko, NameEn: p.Name.En,
			RulesKo: p.Rules.Ko, RulesEn: p.Rules.En, BaggageKg: p.BaggageKg,
			Changeable: p.Changeable, Discountable: p.Discountable, SortOrder: i + 1})
	}
	return rows
}

func (t *Tariff) passengerRows() []db.PassengerRule {
	var rows []db.PassengerRule
	for _, p := range t.Passenger {
		for _, k := range []struct {
			kind Kind
			rule KindRule
		}{{Adult, p.Adult}, {Child, p.Child}, {Infant, p.Infant}} {
			rows = append(rows, db.PassengerRule{International: p.International, PassengerKind: string(k.kind),
				PercentOfBase: k.rule.Percent, AgeBelow: k.rule.AgeBelow})
		}
	}
	return rows
}

func (t *Tariff) bandRows() []db.DistanceBand {
	var rows []db.DistanceBand
	for _, b := range t.Band {
		rows = append(rows, db.DistanceBand{Band: b.Code, International: b.International, UpToKm: b.UpToKm})
	}
	return rows
}

func (t *Tariff) fuelRows() ([]db.FuelSurcharge, error) {
	var rows []db.FuelSurcharge
	for _, f := range t.Fuel {
		from, err := time.Parse(time.DateOnly, f.From)
		if err != nil {
			return nil, fmt.Errorf("sales: fuel from %q: %w", f.From, err)
		}
		for _, b := range t.Band {
			amount := f.Amounts[b.Code]
			for _, kind := range []Kind{Adult, Child} {
				rows = append(rows, db.FuelSurcharge{Band: b.Code, IssueFrom: from, PassengerKind: string(kind), Amount: amount})
			}
			rows = append(rows, db.FuelSurcharge{Band: b.Code, IssueFrom: from, PassengerKind: string(Infant)})
		}
	}
	return rows, nil
}

func (t *Tariff) chargeRows() []db.AirportCharge {
	var rows []db.AirportCharge
	for _, c := range t.Charge {
		for _, airport := range c.Airports {
			row := db.AirportCharge{Airport: airport, International: c.International}
			for _, k := range []struct {
				kind   Kind
				amount int64
			}{{Adult, c.Adult}, {Child, c.Child}, {Infant, 0}} {
				row.PassengerKind, row.Amount = string(k.kind), k.amount
				rows = append(rows, row)
			}
		}
	}
	return rows
}

func (t *Tariff) feeRows() ([]db.CancellationFee, error) {
	var rows []db.CancellationFee
	for _, f := range t.Fee {
		for _, m := range []struct {
			international bool
			fees          map[string]int64
		}{{false, f.Domestic}, {true, f.International}} {
			for days, fee := range m.fees {
				d, err := strconv.Atoi(days)
				if err != nil {
					return nil, fmt.Errorf("sales: fee of %s for %q days: %w", f.Product, days, err)
				}
				rows = append(rows, db.CancellationFee{FareCode: f.Product, International: m.international, DaysBefore: d, Fee: fee})
			}
		}
	}
	slices.SortFunc(rows, func(a, b db.CancellationFee) int {
		return cmp.Or(cmp.Compare(a.FareCode, b.FareCode), boolCompare(a.International, b.International),
			cmp.Compare(b.DaysBefore, a.DaysBefore))
	})
	return rows, nil
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
