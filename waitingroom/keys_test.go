package waitingroom

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

func key(id string, fill byte) Key { return Key{id, bytes.Repeat([]byte{fill}, 32)} }

func testKeys(t testing.TB, keys ...Key) *Keys {
	t.Helper()
	if len(keys) == 0 {
		keys = []Key{key("k1", 1)}
	}
	k, err := NewKeys(keys)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var someTicket = QueueTicket{Sale: 7, Epoch: 2, Number: 123_456, Member: 987_654_321, Issued: time.Unix(1_800_000_000, 0).UTC()}

func TestTokensReadBackAsWritten(t *testing.T) {
	t.Parallel()
	k := testKeys(t)
	if got, err := k.Ticket(k.Sign(someTicket)); err != nil || got != someTicket {
		t.Errorf("ticket: %+v, %v", got, err)
	}
	pass := Pass{Sale: 7, Epoch: 2, Number: 5, Member: 9, Expires: time.Unix(1_800_000_600, 0).UTC()}
	if got, err := k.Pass(k.SignPass(pass)); err != nil || got != pass {
		t.Errorf("pass: %+v, %v", got, err)
	}
}

func TestKeysChangeWithoutLosingTickets(t *testing.T) {
	t.Parallel()
	old := testKeys(t, key("k1", 1))
	both := testKeys(t, key("k2", 2), key("k1", 1))
	next := testKeys(t, key("k2", 2))
	if _, err := both.Ticket(old.Sign(someTicket)); err != nil {
		t.Errorf("an old ticket during the change: %v", err)
	}
	if _, err := next.Ticket(both.Sign(someTicket)); err != nil {
		t.Errorf("a new ticket after the change: %v", err)
	}
	if _, err := next.Ticket(old.Sign(someTicket)); !errors.Is(err, ErrForged) {
		t.Errorf("an old ticket after the change: %v", err)
	}
}

func TestTokensOfAnotherKindKeyOrShapeAreRefused(t *testing.T) {
	t.Parallel()
	k := testKeys(t)
	ticket, pass := k.Sign(someTicket), k.SignPass(Pass{Sale: 7, Number: 5, Member: 9})
	sameID := testKeys(t, key("k1", 3))
	cases := map[string]struct {
		err  error
		want error
	}{
		"pass as ticket":    {second(k.Ticket(pass)), ErrWrongKind},
		"ticket as pass":    {second(k.Pass(ticket)), ErrWrongKind},
		"another key":       {second(sameID.Ticket(ticket)), ErrForged},
		"empty pass":        {second(k.Pass("")), ErrNoPass},
		"empty ticket":      {second(k.Ticket("")), ErrMalformed},
		"no base64":         {second(k.Ticket("!" + ticket[1:])), ErrMalformed},
		"line break inside": {second(k.Ticket(ticket[:9] + "\n" + ticket[9:])), ErrMalformed},
		"too long":          {second(k.Ticket(strings.Repeat("A", 4000))), ErrMalformed},
	}
	for name, c := range cases {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestEveryAlteredByteIsRefused(t *testing.T) {
	t.Parallel()
	k := testKeys(t)
	token := k.Sign(someTicket)
	for i := range token {
		for _, c := range "Aa9_-" {
			altered := token[:i] + string(c) + token[i+1:]
			if altered == token {
				continue
			}
			if _, err := k.Ticket(altered); err == nil {
				t.Fatalf("accepted with byte %d altered: %s", i, altered)
			}
		}
	}
}

func TestUnusableKeysAreRefused(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string][]Key{
		"none":    {},
		"twice":   {key("a", 1), key("a", 2)},
		"short":   {{"a", []byte("short")}},
		"no id":   {key("", 1)},
		"long id": {key("123456789", 1)},
	} {
		if _, err := NewKeys(keys); !errors.Is(err, ErrKeys) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzTicket: whatever is shown, only what we signed is accepted, and only in its one spelling.
func FuzzTicket(f *testing.F) {
	k := testKeys(f)
	good := k.Sign(someTicket)
	for _, seed := range []string{good, "", k.SignPass(Pass{}), good[1:], good + "A", testKeys(f, key("k1", 9)).Sign(someTicket)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		ticket, err := k.Ticket(token)
		if err == nil && (token != good || ticket != someTicket) {
			t.Fatalf("accepted %q as %+v", token, ticket)
		}
		if _, err := k.Pass(token); err == nil && token != k.SignPass(Pass{}) {
			t.Fatalf("accepted %q as a pass", token)
		}
	})
}

func BenchmarkTicketCheck(b *testing.B) {
	k := testKeys(b)
	token := k.Sign(someTicket)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Ticket(token); err != nil {
			b.Fatal(err)
		}
	}
}
