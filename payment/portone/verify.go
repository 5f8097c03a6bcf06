package portone

import (
	"errors"
	"fmt"
)

// What Verify can find wrong with a payment, besides ErrNotPaid and
// ErrAlreadyCancelled.
var (
	// ErrWrongID: the gateway answered with another payment.
	ErrWrongID = errors.New("another payment's id")
	// ErrWrongStore: the payment belongs to another store.
	ErrWrongStore = errors.New("another store's payment")
	// ErrWrongAmount: not the amount that we asked for.
	ErrWrongAmount = errors.New("wrong amount")
	// ErrWrongCurrency: not the currency that we asked for.
	ErrWrongCurrency = errors.New("wrong currency")
	// ErrTestChannel: play money where real money is required.
	ErrTestChannel = errors.New("not a live channel")
)

// Expectation is what a payment has to be before it counts as ours and paid.
type Expectation struct {
	ID       string
	StoreID  string
	Amount   int64 // in the currency's smallest unit
	Currency string
	// RequireLive refuses every channel that is not LIVE.
	RequireLive bool
}

// Verify compares what the gateway said (Client.Get) with what we expect.
// Identity comes first, since nothing else means anything of another's payment
// (ErrWrongID, ErrWrongStore); then the status (ErrNotPaid,
// ErrAlreadyCancelled also for a partial cancellation); then the money
// (ErrWrongAmount, ErrWrongCurrency, ErrTestChannel). Errors of one step are
// returned together.
func Verify(p Payment, want Expectation) error {
	for _, step := range []error{verifyIdentity(p, want), verifyStatus(p), verifyMoney(p, want)} {
		if step != nil {
			return fmt.Errorf("portone: payment %q: %w", want.ID, step)
		}
	}
	return nil
}

func verifyIdentity(p Payment, want Expectation) error {
	var found []error
	if p.ID != want.ID {
		found = append(found, fmt.Errorf("%w: %q", ErrWrongID, p.ID))
	}
	if p.StoreID != want.StoreID {
		found = append(found, fmt.Errorf("%w: %q", ErrWrongStore, p.StoreID))
	}
	return errors.Join(found...)
}

func verifyStatus(p Payment) error {
	switch p.Status {
	case StatusPaid:
		return nil
	case StatusCancelled, StatusPartialCancelled:
		return fmt.Errorf("%w: %s", ErrAlreadyCancelled, p.Status)
	default:
		return fmt.Errorf("%w: %s", ErrNotPaid, p.Status)
	}
}

func verifyMoney(p Payment, want Expectation) error {
	var found []error
	if p.Amount.Total != want.Amount || p.Amount.Cancelled != 0 {
		found = append(found, fmt.Errorf("%w: %d (cancelled %d), expected %d",
			ErrWrongAmount, p.Amount.Total, p.Amount.Cancelled, want.Amount))
	}
	if p.Currency != want.Currency {
		found = append(found, fmt.Errorf("%w: %q, expected %q", ErrWrongCurrency, p.Currency, want.Currency))
	}
	if want.RequireLive && p.Channel.Type != ChannelLive {
		found = append(found, fmt.Errorf("%w: %q", ErrTestChannel, p.Channel.Type))
	}
	return errors.Join(found...)
}
