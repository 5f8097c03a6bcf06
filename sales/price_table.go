package sales

import (
	"fmt"
	"slices"
	"time"

	"pigonair/db"
)

// Distance returns the great-circle distance between two airports in kilometres.
type Distance func(origin, destination string) (int, error)

// PriceTable is the tables of prices and fees in memory. It never changes; safe for concurrent use.
type PriceTable struct {
	products []Product
	byCode   map[string]int
	kinds    map[market]map[Kind]db.PassengerRule
	bands    map[market][]db.DistanceBand // nearest first
	fuel     map[fuelKey][]db.FuelSurcharge
	charges  map[chargeKey]int64
	fees     map[feeKey][]db.CancellationFee // most days first
	distance Distance
}

// market is domestic (false) or international (true).
type market bool

type fuelKey struct {
	band string
	kind Kind
}

type chargeKey struct {
	airport string
	market  market
	kind    Kind
}

type feeKey struct {
	product string
	market  market
}

// NewPriceTable builds a table from rows; distance places legs in the bands of the fuel surcharge.
func NewPriceTable(rows Rows, distance Distance) *PriceTable {
	t := &PriceTable{
		byCode:   map[string]int{},
		kinds:    map[market]map[Kind]db.PassengerRule{false: {}, true: {}},
		bands:    map[market][]db.DistanceBand{},
		fuel:     map[fuelKey][]db.FuelSurcharge{},
		charges:  map[chargeKey]int64{},
		fees:     map[feeKey][]db.CancellationFee{},
		distance: distance,
	}
	t.addProducts(rows.Products)
	for _, r := range rows.Passengers {
		t.kinds[market(r.International)][Kind(r.PassengerKind)] = r
	}
	for _, b := range rows.Bands {
		t.bands[market(b.International)] = append(t.bands[market(b.International)], b)
	}
	for _, f := range rows.Fuel {
		k := fuelKey{f.Band, Kind(f.PassengerKind)}
		t.fuel[k] = append(t.fuel[k], f)
	}
	for _, c := range rows.Charges {
		t.charges[chargeKey{c.Airport, market(c.International), Kind(c.PassengerKind)}] = c.Amount
	}
	for _, f := range rows.Fees {
		k := feeKey{f.FareCode, market(f.International)}
		t.fees[k] = append(t.fees[k], f)
	}
	t.order()
	return t
}

func (t *PriceTable) addProducts(rows []db.FareProduct) {
	for _, p := range rows {
		t.byCode[p.Code] = len(t.products)
		t.products = append(t.products, Product{Code: p.Code, NameKo: p.NameKo, NameEn: p.NameEn,
			RulesKo: p.RulesKo, RulesEn: p.RulesEn, BaggageKg: p.BaggageKg,
			Changeable: p.Changeable, Discountable: p.Discountable})
	}
}

// order sorts what is searched in order, whatever order the rows came in.
func (t *PriceTable) order() {
	for _, bands := range t.bands {
		slices.SortFunc(bands, func(a, b db.DistanceBand) int { return a.UpToKm - b.UpToKm })
	}
	for _, fuel := range t.fuel {
		slices.SortFunc(fuel, func(a, b db.FuelSurcharge) int { return a.IssueFrom.Compare(b.IssueFrom) })
	}
	for _, fees := range t.fees {
		slices.SortFunc(fees, func(a, b db.CancellationFee) int { return b.DaysBefore - a.DaysBefore })
	}
}

// Product returns the product with a code, or ErrNoPrice.
func (t *PriceTable) Product(code string) (Product, error) {
	i, ok := t.byCode[code]
	if !ok {
		return Product{}, fmt.Errorf("product %q: %w", code, ErrNoPrice)
	}
	return t.products[i], nil
}

// Products returns every product in the order in which pages show them.
func (t *PriceTable) Products() []Product { return slices.Clone(t.products) }

// Surcharges returns what comes on top of the fare for one passenger on one leg: the fuel surcharge of the
// day of purchase in Korea, and the charge of the airport of departure. ErrNoPrice when one is missing.
func (t *PriceTable) Surcharges(origin, destination string, international bool, kind Kind, issued time.Time) (fuel, charges int64, err error) {
	km, err := t.distance(origin, destination)
	if err != nil {
		return 0, 0, err
	}
	if fuel, err = t.fuelSurcharge(km, market(international), kind, issued); err != nil {
		return 0, 0, err
	}
	charges, ok := t.charges[chargeKey{origin, market(international), kind}]
	if !ok {
		return 0, 0, fmt.Errorf("airport charge of %s (international %t, %s): %w", origin, international, kind, ErrNoPrice)
	}
	return fuel, charges, nil
}

// AdultSurcharges is Surcharges of an adult.
func (t *PriceTable) AdultSurcharges(origin, destination string, international bool, issued time.Time) (fuel, charges int64, err error) {
	return t.Surcharges(origin, destination, international, Adult, issued)
}

func (t *PriceTable) fuelSurcharge(km int, m market, kind Kind, issued time.Time) (int64, error) {
	band := ""
	for _, b := range t.bands[m] {
		if km <= b.UpToKm {
			band = b.Band
			break
		}
	}
	y, mon, d := koreanDay(issued).Date()
	day := time.Date(y, mon, d, 0, 0, 0, 0, time.UTC) // as DATE columns are read
	amount, found := int64(0), false
	for _, f := range t.fuel[fuelKey{band, kind}] {
		if f.IssueFrom.After(day) {
			break
		}
		amount, found = f.Amount, true
	}
	if !found {
		return 0, fmt.Errorf("fuel surcharge for %d km (international %t, %s) on %s: %w",
			km, bool(m), kind, day.Format(time.DateOnly), ErrNoPrice)
	}
	return amount, nil
}

// KindOn is the kind of a passenger on the day of a leg, by the age reached on that day (at the origin,
// as dates of the calendar). Somebody born on 29 February is a year older on 1 March of other years.
func (t *PriceTable) KindOn(international bool, birth, travel time.Time) Kind {
	age := ageOn(birth, travel)
	for _, k := range []Kind{Infant, Child} {
		if rule, ok := t.kinds[market(international)][k]; ok && age < rule.AgeBelow {
			return k
		}
	}
	return Adult
}

func ageOn(birth, day time.Time) int {
	age := day.Year() - birth.Year()
	if day.Month() < birth.Month() || (day.Month() == birth.Month() && day.Day() < birth.Day()) {
		age--
	}
	return age
}
