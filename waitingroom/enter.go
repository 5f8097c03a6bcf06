package waitingroom

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// visit is a member at the door, as enter.lua takes it.
type visit struct {
	member, number int64     // number 0: no ticket shown
	issued         time.Time // of the ticket shown
	wants          bool      // a place, if there is none
}

// code is enter.lua's answer to a visit.
type code int64

const (
	codeWaiting code = iota
	codeNext
	codeClaiming // just let in: figure is the end of the pass
	codeInside   // let in before: figure is the end of the pass
	codeOver
	codeNeedsNumbers
	codeShut
	codeTooEarly
)

type verdict struct {
	code   code
	number int64
	figure int64
	now    int64 // Redis' clock
}

// blockTries bounds how often a batch reserves numbers; one block is enough unless others use it up.
const blockTries = 4

// enter runs a batch of visits: the script, numbers reserved where it ran out of them, claims written down.
func (r *room) enter(ctx context.Context, visits []visit) ([]verdict, error) {
	verdicts := make([]verdict, len(visits))
	open := make([]int, len(visits))
	for i := range visits {
		open[i] = i
	}
	var block numberBlock
	var state roomState
	for range blockTries {
		var err error
		if open, state, err = r.enterOnce(ctx, visits, open, block, verdicts); err != nil {
			return nil, err
		}
		if len(open) == 0 {
			break
		}
		if block, err = r.reserve(ctx, state, len(open)); err != nil {
			return nil, err
		}
	}
	if len(open) > 0 {
		return nil, fmt.Errorf("%w: numbers run out faster than they are reserved", ErrFrozen)
	}
	r.logJoins(visits, verdicts)
	return verdicts, r.logClaims(ctx, state.incarnation, visits, verdicts)
}

// roomState is what enter.lua says of the room itself.
type roomState struct {
	incarnation string
	reserved    int64
}

// enterOnce runs the script for the visits at the given places and returns those that need numbers.
func (r *room) enterOnce(ctx context.Context, visits []visit, open []int, block numberBlock, verdicts []verdict) ([]int, roomState, error) {
	answer, err := r.store.run(ctx, r.store.enter, r.key, r.visitArgs(visits, open, block)...)
	if err != nil {
		return nil, roomState{}, err
	}
	list, err := answer.ToArray()
	if err != nil || len(list) != 3+3*len(open) {
		return nil, roomState{}, fmt.Errorf("%w: unexpected answer of %d parts", ErrFrozen, len(list))
	}
	state := roomState{}
	if state.incarnation, err = list[0].ToString(); err != nil {
		return nil, roomState{}, fmt.Errorf("%w: %w", ErrFrozen, err)
	}
	figures := make([]int64, len(list)-1)
	for i := range figures {
		if figures[i], err = list[i+1].AsInt64(); err != nil {
			return nil, roomState{}, fmt.Errorf("%w: %w", ErrFrozen, err)
		}
	}
	state.reserved = figures[0]
	var need []int
	for at, i := range open {
		v := figures[2+3*at:]
		verdicts[i] = verdict{code: code(v[0]), number: v[1], figure: v[2], now: figures[1]}
		if verdicts[i].code == codeNeedsNumbers {
			need = append(need, i)
		}
	}
	return need, state, nil
}

// visitArgs are the script's arguments. Until a member is told an interval, the longest one counts.
func (r *room) visitArgs(visits []visit, open []int, block numberBlock) []string {
	present := itoa(presence(longest(r.waitingNow(), r.budget) * 6 / 5).Milliseconds())
	args := []string{itoa(block.start), itoa(block.end)}
	for _, i := range open {
		v := visits[i]
		args = append(args, itoa(v.member), itoa(v.number), present, flag(v.wants))
	}
	return args
}

// logJoins notes new places; they reach the database within a second.
func (r *room) logJoins(visits []visit, verdicts []verdict) {
	for i, v := range verdicts {
		if v.number != 0 && v.number != visits[i].number && v.code <= codeInside {
			r.journal.joined(joinRow{r.sale, r.epoch, v.number, visits[i].member, v.now})
		}
	}
}

// visitError is why a visit came to nothing, or nil.
func (v verdict) visitError() error {
	switch v.code {
	case codeOver:
		return ErrOver
	case codeShut:
		return ErrShut
	case codeTooEarly:
		return ErrTooEarly
	}
	return nil
}

// attend takes one visit through a batch and tells how the member stands.
func (r *room) attend(ctx context.Context, v visit, seen int64) (QueueTicket, Status, error) {
	if r.frozen() {
		return QueueTicket{}, r.frozenStatus(v.number, seen), ErrFrozen
	}
	got, err := r.door.do(ctx, v)
	if errors.Is(err, errRebuild) {
		err = ErrFrozen
	}
	if err == nil {
		err = got.visitError()
	}
	if err != nil {
		st := r.frozenStatus(v.number, seen)
		if errors.Is(err, ErrOver) || errors.Is(err, ErrShut) {
			st.State = Closed
		}
		return QueueTicket{}, st, err
	}
	ticket := QueueTicket{r.sale, r.epoch, got.number, v.member, v.issued}
	if got.number != v.number {
		ticket.Issued = time.UnixMilli(got.now).UTC().Truncate(time.Second)
	}
	st := r.statusOf(got, ticket, seen)
	if got.number != v.number {
		st.Ticket = r.keys.Sign(ticket)
		st.Moved = v.number != 0 && got.number > v.number
	}
	r.beat(got.number, st.NextPoll)
	return ticket, st, nil
}

// statusOf turns a verdict into what the customer is told.
func (r *room) statusOf(got verdict, ticket QueueTicket, seen int64) Status {
	s := r.snap.Load()
	switch got.code {
	case codeClaiming, codeInside:
		expires := time.UnixMilli(got.figure).UTC()
		pass := Pass{r.sale, r.epoch, got.number, ticket.Member, expires}
		return Status{
			State: Admitted, Serving: max(s.serving, got.number), Joined: max(s.tail, got.number),
			NextPoll: pollMost, Pass: r.keys.SignPass(pass), PassExpires: expires,
		}
	case codeNext:
		st := Status{State: s.standing(r.now()), Position: got.figure + 1, Serving: max(seen, s.serving), Joined: s.tail, Free: s.free, Returned: true}
		if st.State == Waiting {
			st.State = Next
		}
		st = r.timed(st, s)
		if st.State == Next {
			st.NextPoll = pollLeast
		}
		return st
	}
	return r.waitingStatus(s, got.number, seen)
}
