package notices_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/internal/mail"
	"pigonair/internal/testenv"
	"pigonair/members"
	"pigonair/notices"
	"pigonair/outbox"
	"pigonair/ticketing"
)

// One office serves all tests about trips: its flights take seconds to seed.
func TestTrip(t *testing.T) {
	t.Parallel()
	o := newFlyingOffice(t)
	for name, test := range map[string]func(*testing.T, *office){
		"ticket in Korean": ticketInKorean, "ticket in English": ticketInEnglish, "once per Message-ID": once,
		"cancelled": cancelled, "cancelled by the airline": cancelledByTheAirline, "refunded": refunded, "refusals": refusals,
		"through the broker": throughTheBroker,
	} {
		t.Run(name, func(t *testing.T) {
			of := *o
			of.t = t
			test(t, &of)
		})
	}
}

func ticketInKorean(t *testing.T, o *office) {
	v := o.bought("ko", "sky@example.test", "김", "하늘")
	m := o.about(outbox.KindTicketIssue, v)
	if err := o.Trip(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := o.mail("sky@example.test")
	number, err := ticketing.ParseNumber(v.Passengers[0].TicketNo.String)
	if err != nil {
		t.Fatal(err)
	}
	if want := ticketing.MessageID(m.Kind, decimal(m.ID), "pigonair.test"); got.MessageID != want {
		t.Errorf("Message-ID %q, want %q", got.MessageID, want)
	}
	if !strings.Contains(got.Subject, v.Row.Ref) || !strings.Contains(got.Subject, "김포 → 제주") {
		t.Errorf("subject %q", got.Subject)
	}
	o.wantWords(got, v.Row.Ref, o.number, "김하늘", number.String(), v.Seats[0].SeatNo, "원", "https://pigonair.test/bookings/"+v.Row.Ref)
	if len(got.Attachments) != 2 || got.Attachments[0].Name != "PigonAir-"+v.Row.Ref+".pdf" || got.Attachments[0].Type != "application/pdf" ||
		got.Attachments[0].Size < 10_000 || got.Attachments[1].Name != "PigonAir-"+v.Row.Ref+".ics" {
		t.Errorf("attachments %+v", got.Attachments)
	}
}

func ticketInEnglish(t *testing.T, o *office) {
	v := o.bought("en", "lee@example.test", "LEE", "MINA")
	if err := o.Trip(t.Context(), o.about(outbox.KindTicketIssue, v)); err != nil {
		t.Fatal(err)
	}
	got := o.mail("lee@example.test")
	o.wantWords(got, v.Row.Ref, "LEE MINA", "₩", "Economy")
	if !strings.Contains(got.Subject, "Gimpo") || strings.Contains(got.Text, "예약") {
		t.Errorf("subject %q, text\n%s", got.Subject, got.Text)
	}
}

// A message that comes again sends nothing; one whose sending was not written down is sent again under the same
// Message-ID; a further message is a further mail.
func once(t *testing.T, o *office) {
	v := o.bought("ko", "once@example.test", "김", "하나")
	m := o.about(outbox.KindTicketIssue, v)
	for range 3 {
		if err := o.Trip(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	first := o.mail("once@example.test")
	if _, err := o.Pool.Exec("DELETE FROM mail_sent WHERE message_id = ?", first.MessageID); err != nil {
		t.Fatal(err)
	}
	if err := o.Trip(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if list := o.mails("once@example.test"); len(list) != 2 || list[0].MessageID != list[1].MessageID {
		t.Errorf("%d mails, of Message-IDs %q and %q", len(list), list[0].MessageID, list[1].MessageID)
	}
	if err := o.Trip(t.Context(), o.about(outbox.KindTicketIssue, v)); err != nil {
		t.Fatal(err)
	}
	if list := o.mails("once@example.test"); len(list) != 3 || list[0].MessageID == list[1].MessageID {
		t.Errorf("a further message: %d mails", len(list))
	}
}

// cancel cancels a booking for its quote and returns what comes back.
func (o *office) cancel(v booking.View) (refund int64) {
	o.t.Helper()
	o.on(v, func(ctx context.Context, l *booking.Locked) error {
		q, err := l.QuoteCancel(ctx, l.Now)
		if err != nil {
			return err
		}
		refund = q.Refund
		return l.Cancel(ctx, q)
	})
	return refund
}

func cancelled(t *testing.T, o *office) {
	v := o.bought("ko", "cancel@example.test", "김", "취소")
	if _, err := o.Pool.Exec("UPDATE booking SET confirmed_at = confirmed_at - INTERVAL 3 DAY WHERE id = ?", v.Row.ID); err != nil {
		t.Fatal(err)
	}
	refund := o.cancel(v)
	if err := o.Trip(t.Context(), o.about(outbox.KindMailCancelled, v)); err != nil {
		t.Fatal(err)
	}
	got := o.mail("cancel@example.test")
	o.wantWords(got, v.Row.Ref, ticketing.Won(ticketing.Korean, refund), ticketing.Won(ticketing.Korean, v.Row.Total))
	if !strings.Contains(got.Subject, ticketing.Won(ticketing.Korean, refund)) || len(got.Attachments) != 0 {
		t.Errorf("subject %q, attachments %+v", got.Subject, got.Attachments)
	}
	if fee := v.Row.Total - refund; fee > 0 {
		o.wantWords(got, "취소 수수료", ticketing.Won(ticketing.Korean, -fee))
	}
}

func cancelledByTheAirline(t *testing.T, o *office) {
	mine := o.bought("en", "self@example.test", "KIM", "SELF")
	o.cancel(mine)
	other := o.bought("en", "storm@example.test", "KIM", "STORM")
	if err := o.Trip(t.Context(), o.about(outbox.KindMailCancelled, mine)); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Pool.Exec("UPDATE flight SET state = 'cancelled' WHERE id = ?", o.flight); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if _, err := o.Pool.Exec("UPDATE flight SET state = 'scheduled' WHERE id = ?", o.flight); err != nil {
			t.Error(err)
		}
	}()
	if refund := o.cancel(other); refund != other.Row.Total {
		t.Errorf("%d of %d comes back", refund, other.Row.Total)
	}
	if err := o.Trip(t.Context(), o.about(outbox.KindMailCancelled, other)); err != nil {
		t.Fatal(err)
	}
	byUs, byThem := o.mail("storm@example.test"), o.mail("self@example.test")
	if lead(byUs.Text) == lead(byThem.Text) {
		t.Errorf("both mails begin with %q", lead(byUs.Text))
	}
}

// lead is the part of a mail in which it says what happened.
func lead(text string) string { return text[:min(len(text), 200)] }

func refunded(t *testing.T, o *office) {
	v := o.bought("en", "refund@example.test", "KIM", "REFUND")
	for _, statement := range []string{
		`INSERT INTO payment_attempt (id, booking_id, attempt_no, channel, approval, amount, currency, state, applied, lease_until, next_check_at, created_at)
VALUES ('pa-R', ?, 1, 'card', 'manual', 1, 'KRW', 'applied', 1, NOW(6), NOW(6), NOW(6))`,
		`INSERT INTO refund (id, attempt_id, cause, amount, currency, state, next_try_at, created_at)
SELECT 'rf-R', 'pa-R', 'cancelled', 12345, 'KRW', 'done', NOW(6), NOW(6) FROM booking WHERE id = ?`} {
		if _, err := o.Pool.Exec(statement, v.Row.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.Trip(t.Context(), o.message(outbox.KindMailRefunded, "rf-R")); err != nil {
		t.Fatal(err)
	}
	o.wantWords(o.mail("refund@example.test"), v.Row.Ref, "₩12,345")
}

// What no further try can mend is permanent; everything else is not. No error names a person.
func refusals(t *testing.T, o *office) {
	v := o.bought("ko", "refuse@example.test", "김", "거절")
	for name, m := range map[string]outbox.Message{
		"unknown kind": o.message("mail.news", "1"), "no number": o.message(outbox.KindTicketIssue, "x"),
		"no booking": o.message(outbox.KindTicketIssue, "999"), "no refund": o.message(outbox.KindMailRefunded, "rf-NONE"),
	} {
		if err := o.Trip(t.Context(), m); !errors.Is(err, outbox.ErrPermanent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	m := o.about(outbox.KindTicketIssue, v)
	for _, c := range []struct {
		answer    error
		permanent bool
	}{{mail.ErrPermanent, true}, {errors.New("451 try again later"), false}} {
		o.Post = new(*o.Post)
		o.Sender = refusing{c.answer}
		err := o.Trip(t.Context(), m)
		if !errors.Is(err, c.answer) || errors.Is(err, outbox.ErrPermanent) != c.permanent || strings.Contains(err.Error(), "refuse@") {
			t.Errorf("%v: %v", c.answer, err)
		}
	}
	if len(o.mails("refuse@example.test")) != 0 {
		t.Error("a refused mail arrived")
	}
}

// refusing is a sender that never sends.
type refusing struct{ err error }

// Send is for notices.Sender.
func (r refusing) Send(context.Context, mail.Message) error { return r.err }

// From the outbox through the broker to the mailbox; a mail that is refused for good becomes a dead letter, and
// arrives once it is replayed to a server that takes it.
func throughTheBroker(t *testing.T, o *office) {
	outcomes := make(chan string, 10)
	broker := outbox.Broker{URLs: []string{testenv.AMQP(t)}, Topology: outbox.StandardTopology(), Log: slog.New(slog.DiscardHandler),
		Metrics: outbox.Metrics{Consumed: func(_, _, outcome string, _ time.Duration) { outcomes <- outcome }}}
	post, refuses := new(*o.Post), &atomic.Bool{}
	refuses.Store(true)
	post.Sender = picky{o.Sender, refuses}
	relay := outbox.NewRelay(o.Pool, broker, outbox.RelayConfig{})
	consumer := outbox.NewConsumer(o.Pool, broker, outbox.ConsumerConfig{Name: outbox.LaneMail, Effect: post.Trip})
	for _, s := range []interface {
		Start(context.Context) error
		Stop()
	}{relay, consumer} {
		if err := s.Start(context.WithoutCancel(t.Context())); err != nil {
			t.Fatal(err)
		}
		defer s.Stop()
	}
	o.write(o.about(outbox.KindTicketIssue, o.bought("ko", "broker@example.test", "김", "배달")))
	relay.Wake()
	o.want(outcomes, outbox.OutcomeDone)
	o.mail("broker@example.test")
	bad := o.bought("ko", "refused@example.test", "김", "반송")
	o.write(o.about(outbox.KindTicketIssue, bad))
	relay.Wake()
	o.want(outcomes, outbox.OutcomeDead)
	dead, err := outbox.DeadLetters(t.Context(), o.Pool, nil, 10)
	if err != nil || len(dead) != 1 || dead[0].Message.SubjectID != decimal(bad.Row.ID) || strings.Contains(dead[0].Reason, "refused@") {
		t.Fatalf("%+v, %v", dead, err)
	}
	refuses.Store(false)
	again := o.message("", "")
	o.transact(func(ctx context.Context, tx *db.Tx) error {
		return outbox.Replay(ctx, tx.Queries, again.ID, dead[0].Message.ID, dead[0].Consumer)
	})
	relay.Wake()
	o.want(outcomes, outbox.OutcomeDone)
	o.mail("refused@example.test")
}

// want waits for the outcome of the next message.
func (o *office) want(outcomes <-chan string, want string) {
	o.t.Helper()
	select {
	case got := <-outcomes:
		if got != want {
			o.t.Fatalf("a message is %s, want %s", got, want)
		}
	case <-time.After(60 * time.Second):
		o.t.Fatal("no message is worked on")
	}
}

// picky refuses mails to one address for good, for as long as it is told to.
type picky struct {
	notices.Sender
	refuses *atomic.Bool
}

// Send is for notices.Sender.
func (p picky) Send(ctx context.Context, m mail.Message) error {
	if p.refuses.Load() && strings.HasPrefix(m.To, "refused@") {
		return mail.ErrPermanent
	}
	return p.Sender.Send(ctx, m)
}

func (o *office) write(m outbox.Message) {
	o.t.Helper()
	o.transact(func(ctx context.Context, tx *db.Tx) error { return outbox.Write(ctx, tx.Queries, m.ID, m) })
}

func (o *office) transact(do func(context.Context, *db.Tx) error) {
	o.t.Helper()
	// READ COMMITTED, as everywhere.
	if err := db.Transact(o.t.Context(), o.Pool, sql.LevelReadCommitted, do); err != nil {
		o.t.Fatal(err)
	}
}

func TestAccount(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, c := range []struct{ language, word string }{{"ko", "메일 주소"}, {"en", "address"}} {
		to := c.language + "@example.test"
		err := o.Members.SignUp(t.Context(), members.SignUpForm{Email: to, Password: "three grey pigeons", Name: "Kim", Language: c.language, Terms: true})
		if err != nil {
			t.Fatal(err)
		}
		m := o.newest()
		if err := o.Account(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		got := o.mail(to)
		o.wantWords(got, "https://pigonair.test/verify-email?", c.word)
		if want := ticketing.MessageID(m.Kind, decimal(m.ID), "pigonair.test"); got.MessageID != want || len(got.Attachments) != 0 {
			t.Errorf("Message-ID %q, want %q; attachments %+v", got.MessageID, want, got.Attachments)
		}
	}
	m := o.newest()
	if _, err := o.Pool.Exec("UPDATE member_token SET expires_at = NOW(6) - INTERVAL 1 HOUR"); err != nil {
		t.Fatal(err)
	}
	if err := o.Account(t.Context(), m); err != nil || len(o.mails("en@example.test")) != 1 {
		t.Errorf("a link that has run out: %d mails, %v", len(o.mails("en@example.test")), err)
	}
	m.Kind = "mail.news"
	if err := o.Account(t.Context(), m); err != nil && !errors.Is(err, outbox.ErrPermanent) {
		t.Errorf("an unknown kind: %v", err)
	}
}

// newest is the newest message of the outbox.
func (o *office) newest() outbox.Message {
	o.t.Helper()
	m := outbox.Message{Lane: outbox.LaneAccount, CreatedAt: time.Now()}
	row := o.Pool.QueryRow("SELECT id, kind, subject_id FROM outbox ORDER BY id DESC LIMIT 1")
	if err := row.Scan(&m.ID, &m.Kind, &m.SubjectID); err != nil {
		o.t.Fatal(err)
	}
	return m
}
