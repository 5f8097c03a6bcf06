package waitingroom

import (
	"context"
	"encoding/base64"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

// forger makes tokens that must not count, from good ones.
type forger struct {
	*rand.Rand
	*line
	foreign      *Keys
	ticket, used string // a ticket that counts; a pass whose stay has ended
	pass         Pass   // of member 2, who is inside
}

// TestNoForgedTokenIsAccepted: tokens made up, altered, cut, signed with a foreign key, of the other kind, of another
// sale, member or line, run out or used. The soak tries a million.
func TestNoForgedTokenIsAccepted(t *testing.T) {
	t.Parallel()
	tries := 20_000
	if os.Getenv("PIGONAIR_SOAK") != "" {
		tries = 1_000_000
	}
	l := newLine(t, 600, 10, 100)
	people := l.joinMany(1, 2)
	l.step()
	l.clock.move(time.Second)
	f := &forger{Rand: rand.New(rand.NewPCG(1, 2)), line: l, foreign: testKeys(t, key("k1", 9)), used: people[0].want(Admitted).Pass}
	if err := l.rooms.CheckPass(f.used, saleID, 1); err != nil {
		t.Fatalf("a good pass is refused: %v", err)
	}
	var err error
	if f.pass, err = l.rooms.keys.Pass(people[1].want(Admitted).Pass); err != nil {
		t.Fatal(err)
	}
	f.ticket = l.rooms.keys.Sign(people[1].ticket)
	if err := l.rooms.Leave(context.Background(), people[0].ticket); err != nil {
		t.Fatal(err)
	}
	l.step()
	for range tries {
		how := f.IntN(len(badPasses))
		if token := badPasses[how](f); l.rooms.CheckPass(token, saleID, 2) == nil || l.rooms.CheckPass(token, saleID, 1) == nil {
			t.Fatalf("way %d: %s is accepted as a pass", how, token)
		}
		how = f.IntN(len(badTickets))
		if token := badTickets[how](f); second(l.rooms.Ticket(token)) == nil {
			t.Fatalf("way %d: %s is accepted as a ticket", how, token)
		}
	}
}

// badPasses are of no use to members 1 and 2.
var badPasses = []func(*forger) string{
	func(f *forger) string { return f.used },
	func(f *forger) string { return f.ticket },
	func(f *forger) string { return f.altered(f.rooms.keys.SignPass(f.pass)) },
	func(f *forger) string { return f.random(len(f.used)) },
	func(f *forger) string { return f.foreign.SignPass(f.pass) },
	func(f *forger) string { return f.signed(func(p *Pass) { p.Sale += 1 + f.Int64N(1000) }) },
	func(f *forger) string { return f.signed(func(p *Pass) { p.Member += 1 + f.Int64N(1000) }) },
	func(f *forger) string { return f.signed(func(p *Pass) { p.Epoch += 1 + f.IntN(1000) }) },
	func(f *forger) string {
		ago := clockSlack + time.Second + time.Duration(f.Int64N(int64(24*time.Hour)))
		return f.signed(func(p *Pass) { p.Expires = f.clock.now().Add(-ago) })
	},
}

var badTickets = []func(*forger) string{
	func(f *forger) string { return f.used },
	func(f *forger) string { return f.altered(f.ticket) },
	func(f *forger) string { return f.random(len(f.ticket)) },
	func(f *forger) string { return f.ticket[:f.IntN(len(f.ticket))] },
	func(f *forger) string { return f.ticket + f.random(1+f.IntN(9)) },
	func(f *forger) string {
		return f.foreign.Sign(QueueTicket{Sale: saleID, Number: 1 + f.Int64N(1000), Member: 2})
	},
}

// signed is a pass that we signed ourselves, changed before.
func (f *forger) signed(change func(*Pass)) string {
	p := f.pass
	change(&p)
	return f.rooms.keys.SignPass(p)
}

// altered has one bit of what a token holds turned.
func (f *forger) altered(token string) string {
	raw, err := encoding.DecodeString(token)
	if err != nil {
		f.t.Fatal(err)
	}
	raw[f.IntN(len(raw))] ^= 1 << f.IntN(8)
	return encoding.EncodeToString(raw)
}

func (f *forger) random(n int) string {
	raw := make([]byte, n)
	for i := range raw {
		raw[i] = byte(f.Uint32())
	}
	return base64.RawURLEncoding.EncodeToString(raw)[:n]
}
