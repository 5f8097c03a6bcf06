package waitingroom

import "time"

// QueueTicket is a place in a line. Its number is its order; the same member has the same one everywhere.
type QueueTicket struct {
	Sale   int64
	Epoch  int // which line of the sale: operators can begin a new one
	Number int64
	Member int64
	Issued time.Time // to the second, Redis' clock
}

// Sign returns the ticket as a token for a cookie.
func (k *Keys) Sign(t QueueTicket) string {
	return k.tickets.seal(kindTicket, t.Sale, int64(t.Epoch), t.Number, t.Member, t.Issued.Unix())
}

// Ticket reads a token. That its signature fits says that we issued it, not that its stay has not ended.
// Errors: ErrMalformed, ErrWrongKind, ErrForged.
func (k *Keys) Ticket(token string) (QueueTicket, error) {
	var t QueueTicket
	var epoch, issued int64
	if err := k.tickets.open(token, kindTicket, &t.Sale, &epoch, &t.Number, &t.Member, &issued); err != nil {
		return QueueTicket{}, err
	}
	t.Epoch, t.Issued = int(epoch), time.Unix(issued, 0).UTC()
	return t, nil
}

// Pass lets a member take seats of a sale until it expires.
type Pass struct {
	Sale    int64
	Epoch   int
	Number  int64
	Member  int64
	Expires time.Time // to the second, Redis' clock
}

// SignPass returns the pass as a token for a cookie.
func (k *Keys) SignPass(p Pass) string {
	return k.passes.seal(kindPass, p.Sale, int64(p.Epoch), p.Number, p.Member, p.Expires.Unix())
}

// Pass reads a token and checks its signature; whether the pass still counts says Rooms.CheckPass.
// Errors: ErrNoPass for an empty one, ErrMalformed, ErrWrongKind, ErrForged.
func (k *Keys) Pass(token string) (Pass, error) {
	if token == "" {
		return Pass{}, ErrNoPass
	}
	var p Pass
	var epoch, expires int64
	if err := k.passes.open(token, kindPass, &p.Sale, &epoch, &p.Number, &p.Member, &expires); err != nil {
		return Pass{}, err
	}
	p.Epoch, p.Expires = int(epoch), time.Unix(expires, 0).UTC()
	return p, nil
}
