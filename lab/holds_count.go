package lab

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// warmUp is the part of a run before counting begins: connections open, caches fill.
func warmUp(length time.Duration) time.Duration { return min(2*time.Second, length/3) }

// errUneven says that the bookings in the database are not whole, or not those that were answered for.
var errUneven = errors.New("bookings in the database are not what was sold")

// counted runs a load for warm-up and length, and returns how many holds were committed per second of length, as
// the database has them: bookings made in the window by its clock. load returns how many holds it was told of;
// whole says that each of them has written all the rows of a hold.
func (h *house) counted(ctx context.Context, length time.Duration, whole bool, load func(context.Context) (int, error)) (rate float64, used usage, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var from, until time.Time
	var before, after usage
	watch := make(chan error, 1)
	go func() {
		defer stop()
		watch <- func() (err error) {
			if from, err = h.clock(ctx, warmUp(length)); err != nil {
				return err
			}
			before = h.parts.usage()
			until, err = h.clock(ctx, length)
			after = h.parts.usage()
			return err
		}()
	}()
	told, err := load(ctx)
	stop()
	if err := errors.Join(<-watch, err); err != nil {
		return 0, usage{}, err
	}
	made, err := h.madeBetween(context.WithoutCancel(ctx), from, until)
	if err != nil {
		return 0, usage{}, err
	}
	return float64(made) / until.Sub(from).Seconds(), after.since(before), h.checkHolds(context.WithoutCancel(ctx), told, whole)
}

// clock waits and reads the database's clock. A load that ended early is an error: there was too little to do.
func (h *house) clock(ctx context.Context, wait time.Duration) (now time.Time, err error) {
	select {
	case <-ctx.Done():
		return now, errors.New("the load ended before its time: " + context.Cause(ctx).Error())
	case <-time.After(wait):
	}
	err = h.pool.QueryRowContext(ctx, "SELECT NOW(6)").Scan(&now)
	return now, err
}

func (h *house) madeBetween(ctx context.Context, from, until time.Time) (n int, err error) {
	err = h.pool.QueryRowContext(ctx, "SELECT COUNT(*) FROM booking WHERE created_at >= ? AND created_at < ?", from, until).Scan(&n)
	return n, err
}

// holdRows count what there must be of each hold; the first two are all that the minimal loop writes.
var holdRows = []string{
	"SELECT COUNT(*) FROM booking WHERE state = 'held'",
	"SELECT COUNT(*) FROM seat s JOIN booking b ON b.id = s.booking_id WHERE s.state = 'held' AND s.held_until = b.held_until",
	"SELECT COUNT(*) FROM booking_seat bs JOIN seat s USING (flight_id, seat_no, booking_id, fence) WHERE bs.live = 1",
	"SELECT COUNT(*) FROM booking_leg",
	"SELECT COUNT(*) FROM price_line",
	"SELECT COUNT(*) FROM seat_history",
}

// checkHolds makes sure that every hold that was answered for is there with all its rows, and none beside.
func (h *house) checkHolds(ctx context.Context, told int, whole bool) error {
	queries := holdRows
	if !whole {
		queries = queries[:2]
	}
	for _, query := range queries {
		var n int
		if err := h.pool.QueryRowContext(ctx, query).Scan(&n); err != nil {
			return err
		}
		if n != told {
			return fmt.Errorf("%w: %d answered, %d by %s", errUneven, told, n, query)
		}
	}
	return nil
}
