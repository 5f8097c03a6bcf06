package waitingroom

import (
	"context"
	"testing"
	"time"
)

// TestPollingInALoopPushesNobodyOut: somebody polls one ticket far more often than all heartbeats that are kept.
// Others are still noted as present, and Redis hears of the one ticket once.
func TestPollingInALoopPushesNobodyOut(t *testing.T) {
	t.Parallel()
	l := newLine(t, 0, 0, 0)
	people := l.joinMany(1, 3)
	l.step()
	for range beatsKept + 1 {
		if _, err := l.rooms.Poll(context.Background(), people[0].ticket, 0); err != nil {
			t.Fatal(err)
		}
	}
	people[2].poll()
	people[1].poll()
	got := l.room().beats.take(stepBeats)
	if len(got) != 3 || got[0].number != 1 || got[1].number != 3 || got[2].number != 2 {
		t.Errorf("noted %+v, want tickets 1, 3 and 2, once each", got)
	}
}

// TestHeartbeatsGoInTheirOrder: those who wait longest are handed over first, with what they were told last.
func TestHeartbeatsGoInTheirOrder(t *testing.T) {
	t.Parallel()
	var h heartbeats
	for n := range int64(5) {
		h.add(n, time.Second)
	}
	h.add(1, 3*time.Second)
	if got := h.take(2); got[0] != (beat{0, time.Second}) || got[1] != (beat{1, 3 * time.Second}) {
		t.Errorf("first %+v", got)
	}
	h.add(0, 2*time.Second)
	if got := h.take(9); len(got) != 4 || got[0].number != 2 || got[3] != (beat{0, 2 * time.Second}) {
		t.Errorf("then %+v", got)
	}
	if got := h.take(9); len(got) != 0 {
		t.Errorf("taken twice: %+v", got)
	}
}
