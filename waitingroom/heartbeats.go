package waitingroom

import "time"

// heartbeats are the tickets that were shown since they were last handed to Redis, in the order in which they
// were. A ticket stands there once, however often it polls: whoever polls in a loop costs Redis nothing and
// pushes nobody else out, who would then count as absent.
type heartbeats struct {
	order   []int64
	present map[int64]time.Duration
}

// beat is a ticket that was shown and how long it counts as present.
type beat struct {
	number  int64
	present time.Duration
}

// add notes a ticket. What it was told last counts.
func (h *heartbeats) add(number int64, present time.Duration) {
	if _, waits := h.present[number]; !waits {
		if len(h.order) >= beatsKept {
			return
		}
		if h.present == nil {
			h.present = map[int64]time.Duration{}
		}
		h.order = append(h.order, number)
	}
	h.present[number] = present
}

// take removes the n that wait longest, or all.
func (h *heartbeats) take(n int) []beat {
	n = min(n, len(h.order))
	batch := make([]beat, n)
	for i, number := range h.order[:n] {
		batch[i] = beat{number, h.present[number]}
		delete(h.present, number)
	}
	if h.order = h.order[n:]; len(h.order) == 0 {
		*h = heartbeats{} // a rush leaves no memory behind
	}
	return batch
}
