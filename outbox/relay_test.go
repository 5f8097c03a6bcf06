package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"pigonair/db"
	"pigonair/outbox"
)

func TestMessageArrivesWithItsContent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := make(chan outbox.Message, 1)
	h.consumer(outbox.ConsumerConfig{Name: outbox.LaneAccount, Handle: func(_ context.Context, _ *db.Tx, m outbox.Message) error {
		got <- m
		return nil
	}})
	relay := h.relay(outbox.RelayConfig{})
	h.tally.await(t, "connected relay", 1)
	if err := relay.Ready(); err != nil {
		t.Errorf("Ready: %v", err)
	}
	want := outbox.Message{
		ID: 77, Lane: outbox.LaneAccount, Kind: "mail.verify", SubjectID: "a1b2",
		Traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
	}
	h.transact(func(ctx context.Context, tx *db.Tx) error { return outbox.Write(ctx, tx.Queries, 77, want) })
	relay.Wake()
	have := <-got
	if have.CreatedAt.IsZero() {
		t.Error("the message does not say when it was written")
	}
	have.CreatedAt = time.Time{}
	if have != want {
		t.Errorf("got %+v, want %+v", have, want)
	}
	h.tally.await(t, "sent account", 1)
	if n := h.count("SELECT COUNT(*) FROM outbox WHERE sent_at IS NOT NULL AND pending IS NULL"); n != 1 {
		t.Errorf("%d rows are marked sent, want 1", n)
	}
}

func TestWriteRefusesAnUnknownLane(t *testing.T) {
	t.Parallel()
	if err := outbox.Write(t.Context(), nil, 1, outbox.Message{Lane: "nowhere"}); !errors.Is(err, outbox.ErrLane) {
		t.Errorf("got %v, want ErrLane", err)
	}
}

func TestOnlyWhatCommitsIsSentAndNobodyWaitsForTheRest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	open, err := h.pool.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	err = outbox.Write(t.Context(), db.New(open), 1_000_000, outbox.Message{Lane: outbox.LaneMail, Kind: "k", SubjectID: "rolled back"})
	if err != nil {
		t.Fatal(err)
	}
	h.write(outbox.LaneMail, 10) // due after the open transaction's row, and with smaller ids
	h.relay(outbox.RelayConfig{})
	h.tally.await(t, "sent mail", 10)
	if err := open.Rollback(); err != nil {
		t.Fatal(err)
	}
	if got := h.taken(outbox.QueueName(outbox.LaneMail)); len(got) != 10 || got["1000000"] != 0 {
		t.Errorf("sent %v, want the 10 committed messages", got)
	}
}

func TestNothingIsMarkedSentWithoutAQueue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.relay(outbox.RelayConfig{})
	h.tally.await(t, "connected relay", 1)
	ch := h.channel()
	if err := ch.QueueUnbind(outbox.QueueName(outbox.LaneMail), "mail.#", outbox.Exchange, nil); err != nil {
		t.Fatal(err)
	}
	h.write(outbox.LaneMail, 20)
	h.write(outbox.LaneAccount, 20)
	h.tally.await(t, outbox.ReasonReturned, 60) // each was tried and returned three times
	h.tally.await(t, "sent account", 20)
	if n := h.count("SELECT COUNT(*) FROM outbox WHERE lane = 'mail' AND sent_at IS NOT NULL"); n != 0 {
		t.Fatalf("%d rows are marked sent, and there is no queue", n)
	}
	if err := ch.QueueBind(outbox.QueueName(outbox.LaneMail), "mail.#", outbox.Exchange, false, nil); err != nil {
		t.Fatal(err)
	}
	h.tally.await(t, "sent mail", 20)
	if got := h.taken(outbox.QueueName(outbox.LaneMail)); len(got) != 20 {
		t.Errorf("%d messages in the queue, want 20", len(got))
	}
}

func TestNothingIsMarkedSentThatTheBrokerRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.relay(outbox.RelayConfig{})
	h.tally.await(t, "connected relay", 1)
	ch := h.channel()
	full := amqp.Table{"x-max-length": int64(0), "x-overflow": "reject-publish"}
	if _, err := ch.QueueDeclare("full", false, false, false, false, full); err != nil {
		t.Fatal(err)
	}
	if err := ch.QueueBind("full", "mail.#", outbox.Exchange, false, nil); err != nil {
		t.Fatal(err)
	}
	h.write(outbox.LaneMail, 5)
	h.tally.await(t, outbox.ReasonRefused, 5)
	if n := h.tally.get("sent mail"); n != 0 {
		t.Fatalf("%d messages count as sent, and the broker refused them", n)
	}
	if _, err := ch.QueueDelete("full", false, false, false); err != nil {
		t.Fatal(err)
	}
	h.tally.await(t, "sent mail", 5)
}

func TestTwoRelaysSendEachMessageOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const n = 600
	a, b := h.relay(outbox.RelayConfig{Batch: 20}), h.relay(outbox.RelayConfig{Batch: 20})
	h.tally.await(t, "connected relay", 2)
	for range n / 50 {
		h.write(outbox.LaneMail, 50)
		a.Wake()
		b.Wake()
	}
	h.tally.await(t, "sent mail", n)
	got := h.taken(outbox.QueueName(outbox.LaneMail))
	for id, times := range got {
		if times != 1 {
			t.Errorf("message %s was sent %d times", id, times)
		}
	}
	if len(got) != n {
		t.Errorf("%d messages arrived, want %d", len(got), n)
	}
}

func TestAClaimEndsWithItsLease(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(outbox.LaneMail, 8)
	config := outbox.RelayConfig{Lease: time.Hour}
	dead, other := outbox.NewRelay(h.pool, h.broker, config), outbox.NewRelay(h.pool, h.broker, config)
	if n, err := dead.Claim(t.Context(), outbox.LaneMail); err != nil || n != 8 {
		t.Fatalf("the first claim won %d, %v; want 8", n, err)
	}
	if n, err := other.Claim(t.Context(), outbox.LaneMail); err != nil || n != 0 {
		t.Fatalf("a claim under a running lease won %d, %v; want 0", n, err)
	}
	if n, err := other.Claim(t.Context(), outbox.LaneAccount); err != nil || n != 0 {
		t.Fatalf("a claim in an empty lane won %d, %v; want 0", n, err)
	}
	if _, err := h.pool.ExecContext(t.Context(), "UPDATE outbox SET claimed_until = NOW(6)"); err != nil {
		t.Fatal(err)
	}
	h.relay(outbox.RelayConfig{})
	h.tally.await(t, "sent mail", 8)
	if n := h.count("SELECT COUNT(*) FROM outbox WHERE sent_at IS NOT NULL AND tries = 2"); n != 8 {
		t.Errorf("%d rows were sent at the second try, want 8", n)
	}
}

func TestARelayTakesOverWhatACrashedOneHadClaimed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(outbox.LaneMail, 8)
	crashed := outbox.NewRelay(h.pool, h.broker, outbox.RelayConfig{Lease: 300 * time.Millisecond})
	if n, err := crashed.Claim(t.Context(), outbox.LaneMail); err != nil || n != 8 {
		t.Fatalf("the claim won %d, %v; want 8", n, err)
	}
	h.relay(outbox.RelayConfig{})
	h.tally.await(t, "sent mail", 8)
	if got := h.taken(outbox.QueueName(outbox.LaneMail)); len(got) != 8 {
		t.Errorf("%d messages arrived, want 8", len(got))
	}
}

func TestAStormInOneLaneDelaysNoOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(outbox.LaneMail, 3000)
	h.write(outbox.LaneAccount, 1)
	h.relay(outbox.RelayConfig{Batch: 10})
	h.tally.await(t, "sent account", 1)
	if n := h.tally.get("sent mail"); n > 1000 {
		t.Errorf("%d mails were sent before the one account message", n)
	}
	waiting, err := outbox.Backlog(t.Context(), h.pool)
	if err != nil || len(waiting) != 1 || waiting[0].Lane != outbox.LaneMail || waiting[0].Messages == 0 {
		t.Errorf("Backlog is %v, %v; want the rest of the mails", waiting, err)
	}
}

func TestEveryMessageOnceThoughTheConnectionBreaks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const n = 400
	var handled atomic.Int64
	h.consumer(outbox.ConsumerConfig{Name: outbox.LaneMail, Handle: func(ctx context.Context, tx *db.Tx, m outbox.Message) error {
		if handled.Add(1)%60 == 0 {
			h.wall.cut()
		}
		return h.record(ctx, tx, m)
	}})
	h.relay(outbox.RelayConfig{Batch: 5})
	for range n / 20 {
		h.write(outbox.LaneMail, 20)
	}
	h.tally.await(t, "mail "+outbox.OutcomeDone, n)
	h.tally.await(t, "sent mail", n)
	h.wantOnce(n)
	if cuts := h.tally.get("connected relay") + h.tally.get("connected consumer mail"); cuts < 8 {
		t.Errorf("only %d connections were made: the test cut nothing", cuts)
	}
}

func TestABrokerThatIsAwayIsWaitedFor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.wall.refuse(true)
	h.broker.URLs = []string{"amqp://guest:guest@127.0.0.1:1/", h.wall.url} // nobody listens on the first
	relay := h.relay(outbox.RelayConfig{})
	consumer := h.consumer(outbox.ConsumerConfig{Name: outbox.LaneMail, Handle: h.record})
	for name, err := range map[string]error{"relay": relay.Ready(), "consumer": consumer.Ready()} {
		if !errors.Is(err, outbox.ErrAway) {
			t.Errorf("%s.Ready is %v, want ErrAway", name, err)
		}
	}
	h.write(outbox.LaneMail, 30)
	h.wall.refuse(false)
	h.tally.await(t, "mail "+outbox.OutcomeDone, 30)
	h.tally.await(t, "sent mail", 30)
	h.wantOnce(30)
	h.wall.refuse(true)
	h.write(outbox.LaneMail, 30)
	h.wall.refuse(false)
	h.tally.await(t, "mail "+outbox.OutcomeDone, 60)
	h.tally.await(t, "sent mail", 60)
	h.wantOnce(60)
}

func TestStartChecksTheAddresses(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "http://127.0.0.1/", "amqp://a:secret@h/,oops", "amqp://a:secret@h:port/"} {
		_, err := outbox.ParseURLs(bad)
		if !errors.Is(err, outbox.ErrAddress) {
			t.Errorf("ParseURLs(%q) is %v, want ErrAddress", bad, err)
		}
		if relay := outbox.NewRelay(nil, outbox.Broker{URLs: []string{bad}, Topology: quickTopology(), Log: discard}, outbox.RelayConfig{}); !errors.Is(relay.Start(t.Context()), outbox.ErrAddress) {
			t.Errorf("a relay starts with the address %q", bad)
		}
	}
	urls, err := outbox.ParseURLs("amqp://a:b@one:5672/v, amqps://a:b@two/v")
	if fmt.Sprint(urls, err) != "[amqp://a:b@one:5672/v amqps://a:b@two/v] <nil>" {
		t.Errorf("ParseURLs gives %v, %v", urls, err)
	}
}
