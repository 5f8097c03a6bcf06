package notices_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/etickets"
	"pigonair/flights"
	"pigonair/internal/mail"
	"pigonair/internal/mailbox"
	"pigonair/internal/testenv"
	"pigonair/members"
	"pigonair/notices"
	"pigonair/offers"
	"pigonair/outbox"
	"pigonair/sales"
	"pigonair/seed"
	"pigonair/ticketing"
)

// office is a post on real flights, with a mailbox that keeps what leaves it.
type office struct {
	*notices.Post
	t      *testing.T
	ids    *db.IDs
	box    *mailbox.Mailbox
	flight int64
	number string // such as ZP101
	serial *atomic.Int64
}

// newOffice is one without flights.
func newOffice(t *testing.T) *office {
	t.Helper()
	pool := testenv.DB(t)
	o := &office{t: t, serial: &atomic.Int64{}, ids: db.NewIDs(pool), box: mailbox.New(mailbox.Config{SMTPAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", Dir: t.TempDir()})}
	if err := o.box.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.box.Stop)
	sender, err := mail.New(mail.Config{URL: o.box.SMTPURL(), From: "PigonAir <no-reply@pigonair.test>"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sender.Close)
	o.Post = &notices.Post{Pool: pool, Sender: sender, BaseURL: "https://pigonair.test"}
	o.openShop()
	return o
}

// newFlyingOffice is one with flights.
func newFlyingOffice(t *testing.T) *office {
	t.Helper()
	o := newOffice(t)
	if _, err := seed.Run(t.Context(), o.Pool, seed.Options{Size: seed.Small, Today: time.Now()}); err != nil {
		t.Fatal(err)
	}
	row := o.Pool.QueryRow(`SELECT id, flight_no FROM flight WHERE sale_id IS NULL AND origin = 'GMP' AND destination = 'CJU' ORDER BY departs_at DESC LIMIT 1`)
	if err := row.Scan(&o.flight, &o.number); err != nil {
		t.Fatal(err)
	}
	return o
}

// openShop wires what the post reads.
func (o *office) openShop() {
	o.t.Helper()
	airports, err := flights.LoadAirports()
	if err != nil {
		o.t.Fatal(err)
	}
	layouts, err := flights.LoadLayouts()
	if err != nil {
		o.t.Fatal(err)
	}
	references, err := ticketing.NewReferences([]byte("0123456789abcdef"))
	if err != nil {
		o.t.Fatal(err)
	}
	signer, err := ticketing.NewSigner([]byte(strings.Repeat("s", 32)))
	if err != nil {
		o.t.Fatal(err)
	}
	airline := ticketing.Text{Ko: "피곤에어", En: "PigonAir"}
	documents, err := ticketing.NewDocuments(ticketing.Config{Airline: airline, BaseURL: o.BaseURL, Signer: signer})
	if err != nil {
		o.t.Fatal(err)
	}
	prices := sales.NewPrices(o.Pool, airports.DistanceKm, time.Now)
	o.Tickets = &etickets.Maker{Airline: airline, BaseURL: o.BaseURL, Documents: documents, Airports: airports, Layouts: layouts, Prices: prices}
	o.Booking = booking.New(booking.Config{Pool: o.Pool, IDs: o.ids, References: references, Rules: booking.DefaultRules(),
		Strategy: booking.Pessimistic, Shop: offers.New(layouts, prices, time.Now)})
	o.Members, err = members.New(members.Options{Pool: o.Pool, IDs: o.ids, Redis: testenv.RedisClient(o.t), Demo: true,
		Keys: func(purpose string) [][]byte { return [][]byte{[]byte(strings.Repeat(purpose, 8))[:32]} }})
	if err != nil {
		o.t.Fatal(err)
	}
}

// bought is a confirmed booking of one adult, named by the test.
func (o *office) bought(language, to, surname, given string) booking.View {
	o.t.Helper()
	ctx := o.t.Context()
	held, err := o.Booking.Hold(ctx, booking.HoldRequest{MemberID: o.serial.Add(1), Language: language, Party: booking.Party{Adults: 1},
		Legs: []booking.LegRequest{{FlightID: o.flight}}})
	if err != nil {
		o.t.Fatal(err)
	}
	v := o.view(held.Ref)
	err = o.Booking.SetPassengers(ctx, v.Row.MemberID, held.Ref, []booking.Passenger{{Kind: sales.Adult, Surname: surname, GivenName: given}},
		booking.Contact{Email: to, Language: language})
	if err != nil {
		o.t.Fatal(err)
	}
	o.on(v, func(ctx context.Context, l *booking.Locked) error {
		if err := l.BeginPaying(ctx); err != nil {
			return err
		}
		return l.Confirm(ctx, func(int) string { return o.ticketNumber() })
	})
	return o.view(held.Ref)
}

func (o *office) ticketNumber() string {
	n, err := ticketing.NewNumber("990", o.serial.Add(1))
	if err != nil {
		o.t.Error(err)
	}
	return n.Digits()
}

func (o *office) view(ref string) booking.View {
	o.t.Helper()
	v, err := o.Booking.ByRef(o.t.Context(), ref)
	if err != nil {
		o.t.Fatal(err)
	}
	return v
}

func (o *office) on(v booking.View, do func(context.Context, *booking.Locked) error) {
	o.t.Helper()
	o.transact(func(ctx context.Context, tx *db.Tx) error {
		l, err := o.Booking.Lock(ctx, tx, v.Row.ID)
		if err != nil {
			return err
		}
		return do(ctx, l)
	})
}

// message is an outbox message with an id of its own.
func (o *office) message(kind, subject string) outbox.Message {
	o.t.Helper()
	id, err := o.ids.Next(o.t.Context(), db.OutboxIDs)
	if err != nil {
		o.t.Fatal(err)
	}
	return outbox.Message{ID: id, Lane: outbox.LaneMail, Kind: kind, SubjectID: subject, CreatedAt: time.Now()}
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

func (o *office) about(kind string, v booking.View) outbox.Message {
	o.t.Helper()
	return o.message(kind, decimal(v.Row.ID))
}

// mails are those that an address has got, newest first.
func (o *office) mails(to string) []mailbox.Message {
	o.t.Helper()
	res, err := http.Get(o.box.URL() + "/messages.json?to=" + to)
	if err != nil {
		o.t.Fatal(err)
	}
	defer res.Body.Close()
	var list []mailbox.Message
	if err := json.NewDecoder(res.Body).Decode(&list); err != nil {
		o.t.Fatal(err)
	}
	return list
}

// mail is the one that an address has got.
func (o *office) mail(to string) mailbox.Message {
	o.t.Helper()
	list := o.mails(to)
	if len(list) != 1 {
		o.t.Fatalf("%s has %d mails", to, len(list))
	}
	return list[0]
}

// wantWords checks that a mail says the words in both of its parts.
func (o *office) wantWords(m mailbox.Message, words ...string) {
	o.t.Helper()
	for _, w := range words {
		if !strings.Contains(m.Text, w) {
			o.t.Errorf("%q is missing in the text\n%s", w, m.Text)
		}
		if !strings.Contains(m.HTML, w) {
			o.t.Errorf("%q is missing in the page of %q", w, m.Subject)
		}
	}
}
