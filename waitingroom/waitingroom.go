// Package waitingroom is the line before a sale: who joins gets a signed ticket with a number, polls cost no
// store, admission is one script in Redis that any process may run, and those let in carry a signed pass.
// It knows no HTTP. DESIGN's words: a ticket is present while it is polled, absent otherwise; a turn that
// comes while it is absent is missed, not lost.
package waitingroom

import "errors"

// Reasons for refusing a ticket, a pass or a request.
var (
	// ErrMalformed: the token is not one of ours by its shape.
	ErrMalformed = errors.New("waitingroom: malformed token")
	// ErrForged: the signature does not fit, or the key that made it is not in use.
	ErrForged = errors.New("waitingroom: forged token")
	// ErrWrongKind: a genuine shape, but of another kind of token.
	ErrWrongKind = errors.New("waitingroom: token of another kind")
	// ErrNoPass: no pass was shown.
	ErrNoPass = errors.New("waitingroom: no pass")
	// ErrPassExpired: the pass ran out.
	ErrPassExpired = errors.New("waitingroom: pass has expired")
	// ErrPassUsed: the stay that the pass stood for has ended: bought, or gone away.
	ErrPassUsed = errors.New("waitingroom: pass was used")
	// ErrWrongSale: ticket or pass of another sale.
	ErrWrongSale = errors.New("waitingroom: token of another sale")
	// ErrWrongMember: ticket or pass of somebody else.
	ErrWrongMember = errors.New("waitingroom: token of another member")
	// ErrWrongEpoch: the line was begun anew since.
	ErrWrongEpoch = errors.New("waitingroom: token of an earlier line")
	// ErrNoRoom: the sale has no waiting room now.
	ErrNoRoom = errors.New("waitingroom: no waiting room for this sale")
	// ErrTooEarly: joining has not begun.
	ErrTooEarly = errors.New("waitingroom: joining has not begun")
	// ErrShut: nobody may join any more.
	ErrShut = errors.New("waitingroom: nobody may join any more")
	// ErrOver: the ticket's stay has ended, or it was given up.
	ErrOver = errors.New("waitingroom: the ticket's stay has ended")
	// ErrFrozen: the store is away or being rebuilt. Nobody loses a place, nobody new comes in.
	ErrFrozen = errors.New("waitingroom: the line stands still")
)

// State is how a ticket stands, in the words of the HTML mark data-queue-state.
type State string

// The states of a ticket.
const (
	Early    State = "early"    // in line, before the opening
	Waiting  State = "waiting"  // in line
	Next     State = "next"     // the turn came while the customer was away: goes in next
	Admitted State = "admitted" // may go in; Status carries the pass
	Paused   State = "paused"   // operators hold the line
	Frozen   State = "frozen"   // the store is away: the place is safe, nothing moves
	SoldOut  State = "soldout"  // no seat is free or held
	Closed   State = "closed"   // the sale has ended, or the ticket's stay has
)
