package offers

import (
	"testing"
	"time"

	"pigonair/booking"
)

func TestOneReadsAgainWhileTheOthersGoOn(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 24, 7, 5, 0, 0, time.UTC)
	o := New(nil, nil, func() time.Time { return now })
	if o.known(1) != nil {
		t.Error("an offer that nobody has read")
	}
	offer := &booking.Offer{FlightID: 1}
	o.kept[1] = kept{offer: offer, read: now}
	for _, step := range []struct {
		after time.Duration
		want  *booking.Offer
	}{{0, offer}, {keepFor - 1, offer}, {1, nil}, {0, offer}, {keepFor - 1, offer}, {1, nil}, {0, nil}} {
		now = now.Add(step.after)
		if got := o.known(1); got != step.want {
			t.Errorf("after %s: %v, want %v", step.after, got, step.want)
		}
	}
}
