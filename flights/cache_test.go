package flights_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"pigonair/flights"
	"pigonair/internal/testenv"
)

// redis returns a client of a Redis database of the test's own.
func redis(t *testing.T) rueidis.Client {
	t.Helper()
	option, err := rueidis.ParseURL(testenv.Redis(t))
	if err != nil {
		t.Fatal(err)
	}
	option.CacheSizeEachConn = 1 << 20
	client, err := rueidis.NewClient(option)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// free is how many economy seats a search shows on a flight.
func (s *shop) free(t *testing.T, c *flights.Catalog, f flights.Flight) int {
	t.Helper()
	r, err := c.Search(context.Background(), flights.Query{From: f.From.Code, To: f.To.Code, Depart: f.Date, Size: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range r.Offers {
		if o.Flight.ID == f.ID {
			return o.Cabin.SeatsFree
		}
	}
	t.Fatalf("%s is not found", f.PublicID())
	return 0
}

func TestSearchIsAtMostASecondOld(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	f := s.flight(t, s.places.Flight)
	before := s.free(t, s.catalog, f)
	s.take(t, f.ID, "standard", "sold", "NULL", "7A")
	s.forward(900 * time.Millisecond)
	if got := s.free(t, s.catalog, f); got != before {
		t.Errorf("%d free after 0.9 s: the database was asked again", got)
	}
	s.forward(100 * time.Millisecond)
	if got := s.free(t, s.catalog, f); got != before-1 {
		t.Errorf("%d free after 1 s, want %d", got, before-1)
	}
}

func TestInstancesShareAnswersThroughRedis(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	f := s.flight(t, s.places.Flight)
	s.deps.Redis, s.deps.Prefix = redis(t), "shared:"
	one, other := flights.NewCatalog(s.deps), flights.NewCatalog(s.deps)
	before := s.free(t, one, f)
	s.take(t, f.ID, "standard", "sold", "NULL", "7A")
	for range 2 { // once from Redis, once from what rueidis keeps of it
		if got := s.free(t, other, f); got != before {
			t.Errorf("the other instance sees %d free, want the %d of the first one's answer", got, before)
		}
	}
	// The age of an answer is told by what is left of its ten seconds in Redis, not by anybody's clock.
	s.age(t, f, 8900*time.Millisecond)
	if got := s.free(t, other, f); got != before-1 {
		t.Errorf("%d free from an answer of 1.1 s ago, want %d from the database", got, before-1)
	}
}

// age gives the days of a flight's week in Redis so much time to live, and returns when the client has
// forgotten what it kept of them.
func (s *shop) age(t *testing.T, f flights.Flight, left time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	client := s.deps.Redis
	keys, err := client.Do(ctx, client.B().Keys().Pattern(s.deps.Prefix+"flights:"+f.From.Code+f.To.Code+"*").Build()).AsStrSlice()
	if err != nil || len(keys) != 7 {
		t.Fatalf("the seven days of the week are kept as %v, %v", keys, err)
	}
	for _, k := range keys {
		if err := client.Do(ctx, client.B().Pexpire().Key(k).Milliseconds(left.Milliseconds()).Build()).Error(); err != nil {
			t.Fatal(err)
		}
		for hit := true; hit; {
			answer := client.DoCache(ctx, client.B().Get().Key(k).Cache(), left)
			if answer.Error() != nil {
				t.Fatal(answer.Error())
			}
			hit = answer.CachePTTL() > left.Milliseconds()
		}
	}
}

func TestSearchWithoutRedis(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	f := s.flight(t, s.places.Flight)
	client := redis(t)
	s.deps.Redis = client
	c := flights.NewCatalog(s.deps)
	client.Close() // every command fails from now on
	before := s.free(t, c, f)
	s.take(t, f.ID, "standard", "sold", "NULL", "7A")
	if got := s.free(t, c, f); got != before {
		t.Errorf("%d free: nothing was kept in the process", got)
	}
	s.forward(time.Second)
	if got := s.free(t, c, f); got != before-1 {
		t.Errorf("%d free after 1 s, want %d", got, before-1)
	}
}

// selects counts the SELECTs that the database has run for this pool, which must have one connection.
func (s *shop) selects(t *testing.T) int {
	t.Helper()
	var name string
	var n int
	if err := s.pool.QueryRow("SHOW SESSION STATUS LIKE 'Com_select'").Scan(&name, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestQueriesPerAnswer(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.pool.SetMaxOpenConns(1)
	f := s.flight(t, s.places.Flight)
	if _, err := s.prices.Table(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what string
		want int
		ask  func() error
	}{
		{"a search of one day", 2, func() error {
			_, err := s.catalog.Search(context.Background(), flights.Query{From: "GMP", To: "CJU", Depart: f.Date})
			return err
		}},
		{"the same again", 0, func() error {
			_, err := s.catalog.Search(context.Background(), flights.Query{From: "GMP", To: "CJU", Depart: f.Date, Sort: flights.SortPrice})
			return err
		}},
		{"a search of a month", 2, func() error {
			_, err := s.catalog.Search(context.Background(), flights.Query{From: "CJU", To: "GMP", Depart: f.Date, Until: f.Date.AddDays(30)})
			return err
		}},
		{"a seat map", 1, func() error { _, err := s.catalog.SeatMap(context.Background(), f.ID); return err }},
	} {
		if c.what == "a seat map" { // the flight's row is known from its page
			if _, err := s.catalog.FlightByID(context.Background(), f.ID); err != nil {
				t.Fatal(err)
			}
		}
		before := s.selects(t)
		if err := c.ask(); err != nil {
			t.Fatal(err)
		}
		if got := s.selects(t) - before; got != c.want {
			t.Errorf("%s takes %d queries, want %d", c.what, got, c.want)
		}
	}
}

// A crowd that asks the same at the same moment costs the database no more than one of them.
func TestACrowdCausesOneReading(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.pool.SetMaxOpenConns(1)
	f := s.flight(t, s.places.Flight)
	if _, err := s.prices.Table(context.Background()); err != nil {
		t.Fatal(err)
	}
	before := s.selects(t)
	var crowd sync.WaitGroup
	for range 200 {
		crowd.Go(func() {
			if _, err := s.catalog.Search(context.Background(), flights.Query{From: "GMP", To: "CJU", Depart: f.Date}); err != nil {
				t.Error(err)
			}
			if _, err := s.catalog.SeatMap(context.Background(), f.ID); err != nil {
				t.Error(err)
			}
		})
	}
	crowd.Wait()
	if got := s.selects(t) - before; got > 4 {
		t.Errorf("200 searches and seat maps took %d queries, want 4", got)
	}
}
