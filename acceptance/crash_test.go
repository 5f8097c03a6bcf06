package acceptance

import (
	"context"
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pigonair/booking/bookingtest"
	"pigonair/flights"
)

// TestKilledInARunningSale kills web processes and the database with SIGKILL while customers hold seats and let them
// go. A customer whose answer is lost asks again under the same key, as the page does. Whatever was acknowledged must be
// there at the end, no seat may have been promised twice at a time, and the shop must sell again within five seconds
// of the server's return.
func TestKilledInARunningSale(t *testing.T) {
	t.Parallel()
	kills := 2
	if os.Getenv("PIGONAIR_SOAK") != "" {
		kills = 20
	}
	f := newFragile(t, 2)
	s := f.open(24)
	f.shops[0].sellsWithin(time.Now(), "opening")
	for i := range kills {
		s.awaitHolds(60)
		if i%2 == 0 {
			f.killServe(f.shops[i/2%len(f.shops)])
		} else {
			f.killDatabase()
		}
	}
	s.awaitHolds(60)
	s.close()
	s.check()
	f.noRace()
}

// crashSale is a sale under way and what its customers were told.
type crashSale struct {
	f       *fragile
	seats   []string // by their public names
	closing chan struct{}
	all     sync.WaitGroup

	mu       sync.Mutex
	promises []promise
	odd      map[int]int // answers that nobody should get, by status
}

// promise is a seat that a customer was told is theirs, from the answer's arrival until they asked to let it go.
type promise struct {
	ref, seat  string
	from, till time.Time // till is zero while it holds
}

// open lets customers begin.
func (f *fragile) open(customers int) *crashSale {
	f.t.Helper()
	s := &crashSale{f: f, closing: make(chan struct{}), odd: map[int]int{}}
	rows, err := f.pool.Query(`SELECT s.flight_id, s.seat_no FROM seat s JOIN (SELECT id FROM flight WHERE sale_id IS NULL AND layout = 'b738'
		AND sales_close_at > NOW(6) + INTERVAL 1 DAY ORDER BY id DESC LIMIT 6) f ON f.id = s.flight_id WHERE s.state = 'available'`)
	if err != nil {
		f.t.Fatal(err)
	}
	defer rows.Close()
	names := map[int64]string{}
	for rows.Next() {
		var id int64
		var no string
		if err := rows.Scan(&id, &no); err != nil {
			f.t.Fatal(err)
		}
		if names[id] == "" {
			names[id] = f.publicID(id)
		}
		s.seats = append(s.seats, names[id]+":"+no)
	}
	cookies := strings.Split(strings.TrimSpace(f.run("loadtest", "sessions", "--count", fmt.Sprint(customers))), "\n")
	for i, cookie := range cookies {
		c := &crashCustomer{sale: s, cookie: cookie, rand: mathrand.New(mathrand.NewPCG(uint64(i), 1))}
		s.all.Go(c.buy)
	}
	return s
}

func (f *fragile) publicID(flight int64) string {
	f.t.Helper()
	var no string
	var date time.Time
	if err := f.pool.QueryRow("SELECT flight_no, local_date FROM flight WHERE id = ?", flight).Scan(&no, &date); err != nil {
		f.t.Fatal(err)
	}
	return flights.PublicID{FlightNo: no, Date: flights.DateOf(date)}.String()
}

// close waits until every customer has the answer to the last thing they asked for.
func (s *crashSale) close() {
	close(s.closing)
	s.all.Wait()
}

// crashCustomer holds seats and lets most of them go.
type crashCustomer struct {
	sale   *crashSale
	cookie string
	rand   *mathrand.Rand
}

func (c *crashCustomer) buy() {
	for {
		select {
		case <-c.sale.closing:
			return
		default:
		}
		c.once()
	}
}

func (c *crashCustomer) once() {
	seat := c.sale.seats[c.rand.IntN(len(c.sale.seats))]
	got := c.insist("/holds", url.Values{"seat": {seat}, "key": {rand.Text()}}, true)
	ref, held := strings.CutPrefix(got.location, "/bookings/")
	if got.status != http.StatusSeeOther || !held {
		return
	}
	n := c.sale.promised(promise{ref: ref, seat: seat, from: time.Now()})
	if c.rand.IntN(10) == 0 {
		return // kept
	}
	c.sale.endPromise(n, time.Now())
	c.insist("/bookings/"+ref+"/cancel", url.Values{}, false)
}

// insist asks until there is an answer, of whichever web process, that tells what became of it.
func (c *crashCustomer) insist(path string, form url.Values, hold bool) answer {
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 200*time.Millisecond) {
		shop := c.sale.f.shops[c.rand.IntN(len(c.sale.f.shops))]
		sent := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		got, err := send(ctx, http.MethodPost, shop.url(path), c.cookie, form)
		cancel()
		switch {
		case err == nil && got.status == http.StatusSeeOther:
			if hold {
				shop.lastHold.Store(sent.UnixNano())
			}
			return got
		case err == nil && got.status == http.StatusConflict:
			return got
		case err == nil && got.status != http.StatusServiceUnavailable:
			c.sale.strange(got.status)
		}
		time.Sleep(pause) // the customer's patience
	}
}

func (s *crashSale) promised(p promise) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.promises = append(s.promises, p)
	return len(s.promises) - 1
}

// awaitHolds returns when so many more holds are made.
func (s *crashSale) awaitHolds(more int) {
	s.f.t.Helper()
	made := func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.promises)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for enough := made() + more; made() < enough; {
		select {
		case <-tick.C:
		case <-s.f.t.Context().Done():
			s.f.t.Fatal("nobody buys")
		}
	}
}

func (s *crashSale) endPromise(n int, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.promises[n].till = at
}

func (s *crashSale) strange(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.odd[status]++
}

// check holds what customers were told against each other and against the database.
func (s *crashSale) check() {
	t := s.f.t
	t.Helper()
	if len(s.odd) > 0 {
		t.Errorf("answers by status that tell a customer nothing: %v\n%s", s.odd, s.f.log())
	}
	s.checkOverlaps()
	kept := 0
	for _, p := range s.promises {
		if p.till.IsZero() {
			kept++
		}
		s.checkStored(p)
	}
	if n := count(t, s.f.pool, "SELECT COUNT(*) FROM booking"); n != len(s.promises) {
		t.Errorf("%d bookings, %d customers were told of one", n, len(s.promises))
	}
	if kept == 0 || kept == len(s.promises) {
		t.Errorf("%d of %d kept: the sale proves nothing", kept, len(s.promises))
	}
	faults, err := bookingtest.Faults(t.Context(), s.f.pool)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults {
		t.Error(fault)
	}
	t.Logf("%d holds, %d kept", len(s.promises), kept)
}

// checkOverlaps finds seats that two customers were told are theirs at one time.
func (s *crashSale) checkOverlaps() {
	slices.SortFunc(s.promises, func(a, b promise) int { return a.from.Compare(b.from) })
	last := map[string]promise{}
	for _, p := range s.promises {
		if before, found := last[p.seat]; found && (before.till.IsZero() || before.till.After(p.from)) {
			s.f.t.Errorf("%s was promised to %s from %v to %v, and to %s from %v", p.seat, before.ref, before.from, before.till, p.ref, p.from)
		}
		last[p.seat] = p
	}
}

// checkStored compares one promise with the database.
func (s *crashSale) checkStored(p promise) {
	want, seats := "held", 1
	if !p.till.IsZero() {
		want, seats = "cancelled", 0
	}
	var state string
	var live int
	err := s.f.pool.QueryRow(`SELECT b.state, COUNT(s.seat_no) FROM booking b LEFT JOIN seat s ON s.booking_id = b.id AND s.state = 'held'
		WHERE b.ref = ? GROUP BY b.id`, p.ref).Scan(&state, &live)
	if err != nil || state != want || live != seats {
		s.f.t.Errorf("%s of %s is %s with %d seats, want %s with %d: %v", p.seat, p.ref, state, live, want, seats, err)
	}
}
