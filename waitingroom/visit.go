package waitingroom

import (
	"context"
	"errors"
	"time"
)

// Join gives a member a place in a sale's line, or the one he has: the same number from any tab or device.
// prior is a ticket that the browser still has, if any; after a loss of data the earlier of two valid places
// of a member counts. Where there is room the member goes straight in. Status carries the ticket to keep.
// Errors: ErrNoRoom, ErrTooEarly, ErrShut, ErrFrozen.
func (rs *Rooms) Join(ctx context.Context, sale, member int64, prior *QueueTicket) (Status, error) {
	r, err := rs.room(sale)
	if err != nil {
		return Status{State: Closed, NextPoll: pollMost}, err
	}
	v := visit{member: member, wants: true}
	if prior != nil && prior.Sale == sale && prior.Epoch == r.epoch && prior.Member == member {
		v.number, v.issued = prior.Number, prior.Issued
	}
	ticket, st, err := r.attend(ctx, v, 0)
	if err == nil {
		st.Ticket = rs.keys.Sign(ticket)
	}
	return st, err
}

// Ticket reads a token. Errors: ErrMalformed, ErrWrongKind, ErrForged.
func (rs *Rooms) Ticket(token string) (QueueTicket, error) { return rs.keys.Ticket(token) }

// Poll tells how a ticket stands and notes that it was shown. While its turn has not come it is answered
// from memory; seen is the Serving of an earlier answer, so that no answer is older. The first poll after the
// turn has come lets the member in and carries the pass. That the store is away is a state, not an error.
// Errors, with a Status that can be shown: ErrNoRoom, ErrWrongEpoch, ErrOver, ErrShut.
func (rs *Rooms) Poll(ctx context.Context, t QueueTicket, seen int64) (Status, error) {
	r, err := rs.room(t.Sale)
	if err != nil {
		return Status{State: Closed, NextPoll: pollMost}, err
	}
	switch {
	case t.Epoch != r.epoch:
		return Status{State: Closed, NextPoll: pollMost}, ErrWrongEpoch
	case r.isRevoked(t.Number):
		return Status{State: Closed, NextPoll: pollMost}, ErrOver
	case r.frozen():
		return r.frozenStatus(t.Number, seen), nil
	}
	s := r.snap.Load()
	if t.Number > s.serving {
		st := r.waitingStatus(s, t.Number, seen)
		r.beat(t.Number, st.NextPoll)
		return st, nil
	}
	_, st, err := r.attend(ctx, visit{member: t.Member, number: t.Number, issued: t.Issued}, seen)
	if errors.Is(err, ErrFrozen) || errors.Is(err, context.DeadlineExceeded) {
		err = nil
	}
	return st, err
}

// Leave gives a place up, in line or inside; its ticket and pass are worth nothing afterwards.
// Errors: ErrNoRoom, ErrFrozen.
func (rs *Rooms) Leave(ctx context.Context, t QueueTicket) error {
	r, err := rs.room(t.Sale)
	if err != nil || t.Epoch != r.epoch {
		return err
	}
	return r.leave(ctx, t.Number)
}

// clockSlack is how far the clocks of two machines may be apart.
const clockSlack = 5 * time.Second

// CheckPass tells whether a pass lets a member take seats of a sale. It asks no store. Errors: ErrNoPass,
// ErrMalformed, ErrWrongKind, ErrForged, ErrWrongSale, ErrWrongMember, ErrWrongEpoch, ErrPassExpired,
// ErrPassUsed, ErrNoRoom.
func (rs *Rooms) CheckPass(token string, sale, member int64) error {
	p, err := rs.keys.Pass(token)
	switch {
	case err != nil:
		return err
	case p.Sale != sale:
		return ErrWrongSale
	case p.Member != member:
		return ErrWrongMember
	case rs.now().After(p.Expires.Add(clockSlack)):
		return ErrPassExpired
	}
	r, err := rs.room(sale)
	switch {
	case err != nil:
		return err
	case p.Epoch != r.epoch:
		return ErrWrongEpoch
	case r.isRevoked(p.Number):
		return ErrPassUsed
	}
	return nil
}

// PassLeft is how long a pass that CheckPass accepts still lives.
func (rs *Rooms) PassLeft(token string) time.Duration {
	p, err := rs.keys.Pass(token)
	if err != nil {
		return 0
	}
	return max(0, p.Expires.Sub(rs.now()))
}

// Extend lengthens a pass to the life of a hold that was just made with it and returns the new token. It
// asks no store: the line learns of it within a second. Errors: as Keys.Pass; ErrNoRoom.
func (rs *Rooms) Extend(token string, until time.Time) (string, error) {
	p, err := rs.keys.Pass(token)
	if err != nil {
		return "", err
	}
	r, err := rs.room(p.Sale)
	if err != nil {
		return "", err
	}
	if until.After(p.Expires) {
		p.Expires = until.UTC().Truncate(time.Second)
	}
	r.queueOps(op{verb: "hold", id: p.Number, at: millis(p.Expires)})
	return rs.keys.SignPass(p), nil
}

// Release ends a member's stay inside, because the seats were bought or given up: the place is free for the
// next in line and the pass is worth nothing any more. It asks no store. Errors: ErrNoRoom.
func (rs *Rooms) Release(sale, member int64) error {
	r, err := rs.room(sale)
	if err != nil {
		return err
	}
	r.queueOps(op{verb: "release", id: member})
	return nil
}
