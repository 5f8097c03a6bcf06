package sales

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Fares returns the fares of one flight and cabin, with the base amounts that the data file's rule gives;
// departs is in the origin's zone. draw, from 0 to 99, decides which flights get the products that only
// a share of them has. ErrNoPrice when the route has no reference fare for the cabin.
func (t *Tariff) Fares(origin, destination, cabin string, departs time.Time, draw int) ([]Fare, error) {
	reference, err := t.reference(origin, destination, cabin)
	if err != nil {
		return nil, err
	}
	season := t.seasonFactor(departs)
	factor := season * t.weekdayFactor(departs) * t.hourFactor(departs)
	var out []Fare
	for _, p := range t.Product {
		if p.Cabin != cabin || (p.Share > 0 && draw >= p.Share) || (p.MaxSeason > 0 && season > p.MaxSeason) {
			continue
		}
		out = append(out, Fare{Cabin: cabin, Code: p.Code, Base: roundFare(float64(reference) * p.Factor * factor),
			Quota: Quota{Limited: p.Places > 0, Places: p.Places}})
	}
	return out, nil
}

func (t *Tariff) reference(origin, destination, cabin string) (int64, error) {
	for _, route := range []string{origin + "-" + destination, destination + "-" + origin} {
		if amount := t.Reference[route][cabin]; amount > 0 {
			return amount, nil
		}
	}
	return 0, fmt.Errorf("reference fare %s-%s in %s: %w", origin, destination, cabin, ErrNoPrice)
}

// roundFare brings an amount to the nearest price that ends in 900, the higher of two as near, at least
// 900. It goes by whole won, so that the last bit of a float decides nothing.
func roundFare(amount float64) int64 {
	won := int64(math.Round(amount))
	return max(1, (won+600)/1000)*1000 - 100
}

func (t *Tariff) weekdayFactor(at time.Time) float64 {
	return t.Weekday[strings.ToLower(at.Weekday().String())]
}

func (t *Tariff) hourFactor(at time.Time) float64 {
	factor := 1.0
	for _, h := range t.Hour {
		if at.Hour() >= h.From {
			factor = h.Factor
		}
	}
	return factor
}

func (t *Tariff) seasonFactor(at time.Time) float64 {
	factor := 1.0
	for _, s := range t.Season {
		if s.holds(at) {
			factor = max(factor, s.Factor)
		}
	}
	return factor
}

const monthDay = "01-02"

func (s SeasonFactor) valid() bool {
	layout := time.DateOnly
	if len(s.From) == len(monthDay) {
		layout = monthDay
	}
	_, errFrom := time.Parse(layout, s.From)
	_, errUntil := time.Parse(layout, s.Until)
	return errFrom == nil && errUntil == nil && s.Factor >= 1
}

// holds compares the days as text, which orders them as the calendar does.
func (s SeasonFactor) holds(at time.Time) bool {
	if len(s.From) != len(monthDay) {
		day := at.Format(time.DateOnly)
		return s.From <= day && day <= s.Until
	}
	day := at.Format(monthDay)
	if s.From <= s.Until {
		return s.From <= day && day <= s.Until
	}
	return day >= s.From || day <= s.Until // over New Year
}
