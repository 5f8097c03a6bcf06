package members

import (
	"net/netip"
	"testing"
)

// Whoever guesses at a booking has to wait, from one address or from many; who knows it does not, and other bookings
// are as quick as before.
func TestGuessingAtABooking(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	look := func(ref, from string) (func() error, error) {
		found, err := b.LookUp(t.Context(), ref, netip.MustParseAddr(from))
		return func() error { return found(t.Context()) }, err
	}
	var err error
	for i := 0; i < 20 && err == nil; i++ { // each doubles the wait for the next
		_, err = look("AAAAAA", "192.0.2.1")
	}
	wantWait(t, err, ErrThrottled)
	if _, err := look("BBBBBB", "192.0.2.1"); err != nil {
		t.Errorf("another booking: %v", err)
	}
	found, err := look("AAAAAA", "192.0.2.2")
	if err != nil {
		t.Fatalf("another address: %v", err)
	}
	if err := found(); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		if _, err = look("CCCCCC", netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}).String()); err != nil {
			break
		}
	}
	wantWait(t, err, ErrThrottled)
}

// A machine that tries one reference after the other is stopped.
func TestTryingManyReferences(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	var err error
	for i := 0; i <= budgetUses && err == nil; i++ {
		_, err = b.LookUp(t.Context(), string(rune('A'+i%26))+string(rune('A'+i/26)), netip.MustParseAddr("192.0.2.1"))
	}
	wantErr(t, err, ErrThrottled)
}
