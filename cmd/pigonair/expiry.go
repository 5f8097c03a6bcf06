package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"pigonair/booking"
	"pigonair/waitingroom"
)

// expiryRecorder writes down holds that ran out, for reports; nothing else depends on it.
type expiryRecorder struct {
	booking *booking.Service
	log     *slog.Logger
	cancel  context.CancelFunc
	done    sync.WaitGroup
}

func newExpiryRecorder(b *booking.Service, log *slog.Logger) *expiryRecorder {
	return &expiryRecorder{booking: b, log: log}
}

// recordEvery and recordMost bound the work: holds that ran out can wait.
const (
	recordEvery = 15 * time.Second
	recordMost  = 200
)

// Start begins the rounds and returns at once.
func (e *expiryRecorder) Start(ctx context.Context) error {
	ctx, e.cancel = context.WithCancel(ctx)
	e.done.Go(func() {
		tick := time.NewTicker(recordEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if _, err := e.booking.RecordExpired(ctx, recordMost); err != nil && ctx.Err() == nil {
					e.log.Warn("recording expired holds", "error", err)
				}
			}
		}
	})
	return nil
}

// Stop ends the rounds.
func (e *expiryRecorder) Stop() {
	if e.cancel != nil {
		e.cancel()
	}
	e.done.Wait()
}

// roomService gives waiting rooms the life cycle of the other services; the house stops them last.
type roomService struct{ rooms *waitingroom.Rooms }

// Start begins to move the lines.
func (r roomService) Start(ctx context.Context) error { return r.rooms.Start(ctx) }

// Stop leaves them to the house.
func (r roomService) Stop() {}
