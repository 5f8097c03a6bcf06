package sales

import (
	"fmt"
	"time"
)

// FeeStep is one stretch of time with one cancellation fee.
type FeeStep struct {
	Until time.Time // the fee holds before this instant; zero: it has no end
	Fee   int64     // won per passenger and leg
}

// FeeSteps lists what cancelling one passenger's leg costs from the purchase on, in the order of time:
// nothing until the end of the day of purchase in Korea (at the latest until departure), then what the
// product's table says by the midnights in Korea that lie before the day of departure, and after departure
// what not turning up costs. paid is the fare paid for that leg; a fee is never above it, and an infant
// pays none. The steps can be stored with a booking, so that later tables do not change its fees.
// ErrNoPrice when the product has no table.
func (t *PriceTable) FeeSteps(product string, international bool, kind Kind, paid int64, bought, departs time.Time) ([]FeeStep, error) {
	rows := t.fees[feeKey{product, market(international)}]
	if len(rows) == 0 {
		return nil, fmt.Errorf("cancellation fees of %q (international %t): %w", product, international, ErrNoPrice)
	}
	grace := koreanDay(bought).AddDate(0, 0, 1)
	if grace.After(departs) {
		grace = departs
	}
	steps := []FeeStep{{Until: grace}}
	for _, r := range rows {
		until := feeEnds(r.DaysBefore, departs)
		if !until.IsZero() && !until.After(grace) {
			continue
		}
		fee := min(r.Fee, paid)
		if kind == Infant {
			fee = 0
		}
		steps = append(steps, FeeStep{Until: until, Fee: fee})
	}
	return mergeSteps(steps), nil
}

// feeEnds is the end of a fee that holds while at least so many midnights in Korea lie before departure;
// zero for the fee after departure.
func feeEnds(days int, departs time.Time) time.Time {
	switch {
	case days < 0:
		return time.Time{}
	case days == 0:
		return departs
	}
	return koreanDay(departs).AddDate(0, 0, 1-days)
}

// mergeSteps joins neighbours with the same fee.
func mergeSteps(steps []FeeStep) []FeeStep {
	var out []FeeStep
	for _, s := range steps {
		if n := len(out); n > 0 && out[n-1].Fee == s.Fee {
			out[n-1].Until = s.Until
			continue
		}
		out = append(out, s)
	}
	return out
}

// FeeAt is the fee of the step that holds at an instant; 0 without steps.
func FeeAt(steps []FeeStep, at time.Time) int64 {
	for _, s := range steps {
		if s.Until.IsZero() || at.Before(s.Until) {
			return s.Fee
		}
	}
	return 0
}

// CancellationFee is what cancelling one passenger's leg costs at an instant; see FeeSteps.
func (t *PriceTable) CancellationFee(product string, international bool, kind Kind, paid int64, bought, departs, at time.Time) (int64, error) {
	steps, err := t.FeeSteps(product, international, kind, paid, bought, departs)
	if err != nil {
		return 0, err
	}
	return FeeAt(steps, at), nil
}
