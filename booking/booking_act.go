package booking

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"pigonair/db"
)

// action is a member's step on a locked booking, run until it is known whether it is stored.
type action struct {
	*Service
	do func(context.Context, *Locked) error
	// after is the booking as the last run would leave it; unanswered the same of a run whose COMMIT was not answered.
	after, unanswered db.Booking
}

// act locks a member's booking by its reference and runs do in that transaction.
func (s *Service) act(ctx context.Context, member int64, ref string, do func(context.Context, *Locked) error) error {
	id, err := s.idOf(ctx, member, ref)
	if err != nil {
		return err
	}
	if err := s.actOn(ctx, id, do); err != nil {
		return fmt.Errorf("booking %s: %w", ref, err)
	}
	return nil
}

// actOn runs do on a locked booking. Where the connection is lost during COMMIT the next run finds out, behind the
// same locks, whether the change is stored.
func (s *Service) actOn(ctx context.Context, id int64, do func(context.Context, *Locked) error) error {
	a := &action{Service: s, do: do}
	for try := 0; ; try++ {
		// READ COMMITTED: after a lock wait the rows must be those that the one before us committed.
		err := db.Transact(ctx, s.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
			return a.run(ctx, tx, id)
		})
		switch {
		case err == nil:
			s.at(ctx, AfterCommit)
			return nil
		case !again(err):
			return err
		case !errors.Is(err, db.ErrCommitUnknown), try == aloneTries, !db.Pause(ctx, try):
			return busy(err)
		}
		a.unanswered = a.after
	}
}

func (a *action) run(ctx context.Context, tx *db.Tx, id int64) error {
	l, err := a.Lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if sameOutcome(a.unanswered, l.Row) {
		return nil
	}
	if err := a.do(ctx, l); err != nil {
		return err
	}
	a.after = l.Row
	a.at(ctx, BeforeCommit)
	return nil
}

func sameOutcome(a, b db.Booking) bool {
	return a.ID == b.ID && a.Version == b.Version && a.State == b.State && a.HeldUntil == b.HeldUntil
}

func (s *Service) idOf(ctx context.Context, member int64, ref string) (int64, error) {
	row, err := s.read.BookingByRef(ctx, ref)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && row.MemberID != member) {
		return 0, ErrNotFound
	}
	if err != nil {
		return 0, fmt.Errorf("booking %s: %w", ref, err)
	}
	return row.ID, nil
}
