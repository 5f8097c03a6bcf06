package sales

import (
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

//go:embed data/fares.toml
var faresFile string

// Tariff is the fares data file: what seed fills the tables from. It never changes.
type Tariff struct {
	Product   []TariffProduct             `toml:"product"`
	Reference map[string]map[string]int64 `toml:"reference"` // "GMP-CJU" → cabin → won
	Weekday   map[string]float64          `toml:"weekday"`
	Hour      []HourFactor                `toml:"hour"`
	Season    []SeasonFactor              `toml:"season"`
	Passenger []PassengerRule             `toml:"passenger"`
	Band      []Band                      `toml:"band"`
	Fuel      []FuelEntry                 `toml:"fuel"`
	Charge    []ChargeEntry               `toml:"charge"`
	Fee       []FeeEntry                  `toml:"fee"`
}

// TariffProduct is a product with the rule of its price.
type TariffProduct struct {
	Code         string   `toml:"code"`
	Cabin        string   `toml:"cabin"`
	Name         bothText `toml:"name"`
	Rules        bothText `toml:"rules"`
	BaggageKg    int      `toml:"baggage_kg"`
	Changeable   bool     `toml:"changeable"`
	Discountable bool     `toml:"discountable"`
	Factor       float64  `toml:"factor"`
	Share        int      `toml:"share"`      // percent of flights that offer it; 0: all
	MaxSeason    float64  `toml:"max_season"` // not in seasons with a larger factor; 0: in all
	Places       int      `toml:"places"`     // quota per flight; 0: none
}

type bothText struct {
	Ko string `toml:"ko"`
	En string `toml:"en"`
}

// HourFactor is the factor of departures from a local hour on.
type HourFactor struct {
	From   int     `toml:"from"`
	Factor float64 `toml:"factor"`
}

// SeasonFactor is the factor of a stretch of days, both included: "07-18" every year, "2026-09-23" once.
type SeasonFactor struct {
	From   string  `toml:"from"`
	Until  string  `toml:"until"`
	Factor float64 `toml:"factor"`
}

// PassengerRule says what each kind of passenger pays of the fare, and its age limit.
type PassengerRule struct {
	International bool     `toml:"international"`
	Adult         KindRule `toml:"adult"`
	Child         KindRule `toml:"child"`
	Infant        KindRule `toml:"infant"`
}

// KindRule is one kind's share of the fare and the age not reached on the day of the flight.
type KindRule struct {
	Percent  int `toml:"percent"`
	AgeBelow int `toml:"age_below"`
}

// Band is a distance band of the fuel surcharge.
type Band struct {
	Code          string `toml:"code"`
	International bool   `toml:"international"`
	UpToKm        int    `toml:"up_to_km"`
}

// FuelEntry holds the fuel surcharges of purchases from a day on, by band.
type FuelEntry struct {
	From    string           `toml:"from"`
	Amounts map[string]int64 `toml:"amounts"`
}

// ChargeEntry is what passengers pay who depart from some airports.
type ChargeEntry struct {
	Airports      []string `toml:"airports"`
	International bool     `toml:"international"`
	Adult         int64    `toml:"adult"`
	Child         int64    `toml:"child"`
}

// FeeEntry holds the cancellation fees of a product by days before departure.
type FeeEntry struct {
	Product       string           `toml:"product"`
	Domestic      map[string]int64 `toml:"domestic"`
	International map[string]int64 `toml:"international"`
}

// LoadTariff reads the fares that come with the program.
func LoadTariff() (*Tariff, error) { return ParseTariff(faresFile) }

// ParseTariff reads fares from TOML in the form of data/fares.toml. The error names every fault.
func ParseTariff(text string) (*Tariff, error) {
	t := &Tariff{}
	meta, err := toml.Decode(text, t)
	if err != nil {
		return nil, fmt.Errorf("sales: fares: %w", err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return nil, fmt.Errorf("sales: fares: unknown key %q", unknown[0].String())
	}
	faults := t.faults()
	if len(faults) > 0 {
		return nil, fmt.Errorf("sales: fares: %w", errors.Join(faults...))
	}
	return t, nil
}

func (t *Tariff) faults() []error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, p := range t.Product {
		if p.Code == "" || p.Name.Ko == "" || p.Name.En == "" || p.Rules.Ko == "" || p.Rules.En == "" {
			fault("product %q: code, name and rules are needed in Korean and English", p.Code)
		}
		if p.Factor <= 0 || p.Share < 0 || p.Share > 100 || p.Places < 0 {
			fault("product %s: factor above 0, share 0 to 100, places 0 or more", p.Code)
		}
		if t.feesOf(p.Code) == nil {
			fault("product %s: no fees", p.Code)
		}
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if t.Weekday[strings.ToLower(d.String())] <= 0 {
			fault("weekday %s: no factor", strings.ToLower(d.String()))
		}
	}
	if len(t.Hour) == 0 || t.Hour[0].From != 0 {
		fault("hour: the first entry must count from 0")
	}
	for _, s := range t.Season {
		if !s.valid() {
			fault("season %s to %s: want two days such as 07-18 or 2026-09-23, and a factor of at least 1", s.From, s.Until)
		}
	}
	return append(faults, t.tableFaults()...)
}

func (t *Tariff) tableFaults() []error {
	var faults []error
	for _, f := range t.Fuel {
		if _, err := time.Parse(time.DateOnly, f.From); err != nil {
			faults = append(faults, fmt.Errorf("fuel from %q: want a day such as 2026-11-01", f.From))
		}
		for _, b := range t.Band {
			if f.Amounts[b.Code] <= 0 {
				faults = append(faults, fmt.Errorf("fuel from %s: no amount for band %s", f.From, b.Code))
			}
		}
	}
	if len(t.Passenger) != 2 || t.Passenger[0].International == t.Passenger[1].International {
		faults = append(faults, errors.New("passenger: want one entry for domestic, one for international flights"))
	}
	for _, e := range t.Fee {
		faults = append(faults, e.faults()...)
	}
	return faults
}

func (e FeeEntry) faults() []error {
	var faults []error
	for market, fees := range map[string]map[string]int64{"domestic": e.Domestic, "international": e.International} {
		for days, fee := range fees {
			if d, err := strconv.Atoi(days); err != nil || d < -1 || fee < 0 {
				faults = append(faults, fmt.Errorf("fee of %s, %s: %s = %d", e.Product, market, days, fee))
			}
		}
		_, same := fees["0"]
		_, after := fees["-1"]
		if !same || !after {
			faults = append(faults, fmt.Errorf("fee of %s, %s: entries for 0 and -1 are needed", e.Product, market))
		}
	}
	return faults
}

func (t *Tariff) feesOf(product string) *FeeEntry {
	for i := range t.Fee {
		if t.Fee[i].Product == product {
			return &t.Fee[i]
		}
	}
	return nil
}
