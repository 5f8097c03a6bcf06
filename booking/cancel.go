package booking

import (
	"context"
	"fmt"
	"time"

	"pigonair/db"
)

// FeeQuestion is what a cancellation fee depends on.
type FeeQuestion struct {
	Fare   string
	Kind   Kind
	Base   int64 // won; the fee is never above it
	Bought time.Time
	Now    time.Time
}

// Quote is what comes back when a booking is cancelled now, in won.
type Quote struct {
	Lines  []QuoteLine
	Paid   int64
	Fee    int64
	Refund int64
}

// QuoteLine is one passenger's leg in a quote.
type QuoteLine struct {
	Passenger, Leg  int
	Paid, Fee, Back int64
}

// quote works out a cancellation of everything. A flight that the airline cancelled costs nothing.
func (s *Service) quote(row db.Booking, legs map[int]*Offer, lines []db.PriceLine, airlineCancelled bool, now time.Time) (Quote, error) {
	var q Quote
	kinds := kindsOf(row)
	for _, line := range lines {
		paid := line.Base + line.Fuel + line.Charges + line.Seat
		var fee int64
		if !airlineCancelled {
			var err error
			fee, err = s.shop.Fee(legs[line.LegNo], FeeQuestion{Fare: line.FareCode, Kind: kinds[line.PassengerNo], Base: line.Base,
				Bought: row.ConfirmedAt.Time, Now: now})
			if err != nil {
				return Quote{}, fmt.Errorf("booking %s: quote: %w", row.Ref, err)
			}
		}
		fee = min(fee, line.Base)
		q.Lines = append(q.Lines, QuoteLine{Passenger: line.PassengerNo, Leg: line.LegNo, Paid: paid, Fee: fee, Back: paid - fee})
		q.Paid, q.Fee, q.Refund = q.Paid+paid, q.Fee+fee, q.Refund+paid-fee
	}
	return q, nil
}

// QuoteCancel is the quote for a locked, confirmed booking as of an instant. Errors: ErrState.
func (l *Locked) QuoteCancel(ctx context.Context, asOf time.Time) (Quote, error) {
	if l.Row.State != string(Confirmed) {
		return Quote{}, ErrState
	}
	legs, err := l.tx.BookingLegs(ctx, l.Row.ID)
	if err != nil {
		return Quote{}, err
	}
	lines, err := l.tx.PriceLinesOf(ctx, l.Row.ID)
	if err != nil {
		return Quote{}, err
	}
	offers := map[int]*Offer{}
	for _, leg := range legs {
		if offers[leg.LegNo], err = l.s.shop.Offer(ctx, l.tx.Queries, leg.FlightID); err != nil {
			return Quote{}, err
		}
	}
	return l.s.quote(l.Row, offers, lines, l.state != scheduled, asOf)
}

// kindsOf is each passenger's kind by number.
func kindsOf(row db.Booking) map[int]Kind {
	kinds := map[int]Kind{}
	for i, kind := range partyOf(row).Kinds() {
		kinds[i+1] = kind
	}
	return kinds
}

// Cancel gives a confirmed booking's seats and its travellers' places back and records what was refunded and kept. The refund itself is
// written by the caller in the same transaction. Errors: ErrState.
func (l *Locked) Cancel(ctx context.Context, q Quote) error {
	if l.Row.State != string(Confirmed) || !l.owns() {
		return ErrState
	}
	if err := l.giveBack(ctx, seatSold, "cancel"); err != nil {
		return err
	}
	if err := l.setState(ctx, Cancelled, db.BookingSetStateParams{EndedAt: at(l.Now)}); err != nil {
		return err
	}
	if l.heir == nil { // else they go over, flight by flight, when it is confirmed
		if err := l.releaseTravellers(ctx); err != nil {
			return err
		}
	}
	for _, line := range q.Lines {
		if line.Paid == 0 {
			continue
		}
		n, err := l.tx.PriceLineRefund(ctx, db.PriceLineRefundParams{Refunded: line.Back, Fee: line.Fee, BookingID: l.Row.ID, PassengerNo: line.Passenger, LegNo: line.Leg})
		if err := exactly(n, 1, err); err != nil {
			return err
		}
	}
	return l.Note(ctx, "cancelled", "", q.Refund)
}

func partyOf(row db.Booking) Party {
	return Party{Adults: row.Adults, Children: row.Children, Infants: row.Infants}
}
