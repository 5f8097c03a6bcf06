package acceptance

import (
	"database/sql"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"pigonair/db"
	"pigonair/flights"
)

// race lets every customer ask for a seat at the same moment, over both web processes in turn, and counts the
// answers by status.
func race(t *testing.T, cookies []string, seat func(i int) string) map[int]int {
	t.Helper()
	return raceAgain(t, cookies, 1, seat)
}

// raceAgain is race with customers who ask so many times each, one after the other.
func raceAgain(t *testing.T, cookies []string, times int, seat func(i int) string) map[int]int {
	t.Helper()
	var gate, done sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	gate.Add(1)
	for i, cookie := range cookies {
		done.Go(func() {
			gate.Wait()
			for n := range times {
				got, err := send(t.Context(), http.MethodPost, house.Instances[(i+n)%len(house.Instances)]+"/holds", cookie, url.Values{"seat": {seat(i)}})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				statuses[got.status]++
				mu.Unlock()
			}
		})
	}
	gate.Done()
	done.Wait()
	return statuses
}

func database(t *testing.T) *sql.DB {
	t.Helper()
	pool, err := db.Open(house.DBDSN, db.Pool{MaxOpen: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

// freeFlight is a flight of 189 seats in one cabin, on no sale, that no other test uses.
func freeFlight(t *testing.T, pool *sql.DB, nth int) (public string, id int64) {
	t.Helper()
	var no string
	var date sql.NullTime
	err := pool.QueryRow(`SELECT f.id, f.flight_no, f.local_date FROM flight f WHERE f.sale_id IS NULL AND f.layout = 'b738'
		AND f.sales_close_at > NOW(6) + INTERVAL 1 DAY AND f.origin <> 'GMP' ORDER BY f.id DESC LIMIT 1 OFFSET ?`, nth).Scan(&id, &no, &date)
	if err != nil {
		t.Fatal(err)
	}
	return flights.PublicID{FlightNo: no, Date: flights.DateOf(date.Time)}.String(), id
}

// 500 customers ask several times each for one seat, over two web processes: of all requests, 10,000 in the long proof,
// exactly one gets it, and everybody gets a clear answer.
func TestManyForOneSeat(t *testing.T) {
	t.Parallel()
	pool := database(t)
	flight, id := freeFlight(t, pool, 0)
	times := 4
	if os.Getenv("PIGONAIR_SOAK") != "" {
		times = 20
	}
	got := raceAgain(t, sessions(t, 500), times, func(int) string { return flight + ":14C" })
	if got[http.StatusSeeOther] != 1 || got[http.StatusConflict] != 500*times-1 {
		t.Errorf("answers by status: %v", got)
	}
	if n := count(t, pool, `SELECT COUNT(*) FROM booking_seat WHERE flight_id = ? AND seat_no = '14C' AND live = 1`, id); n != 1 {
		t.Errorf("%d bookings have the seat", n)
	}
}

// 300 customers want the 189 seats of a flight, each some seat: no seat twice, none lost.
func TestMoreCustomersThanSeats(t *testing.T) {
	t.Parallel()
	pool := database(t)
	flight, id := freeFlight(t, pool, 1)
	seats := seatsOf(t, pool, id)
	got := race(t, sessions(t, 300), func(i int) string { return flight + ":" + seats[i%len(seats)] })
	if got[http.StatusSeeOther] != len(seats) || got[http.StatusConflict] != 300-len(seats) {
		t.Errorf("%d seats, answers by status: %v", len(seats), got)
	}
	held := count(t, pool, `SELECT COUNT(*) FROM seat WHERE flight_id = ? AND state = 'held'`, id)
	owners := count(t, pool, `SELECT COUNT(DISTINCT booking_id) FROM booking_seat WHERE flight_id = ? AND live = 1`, id)
	if held != len(seats) || owners != len(seats) {
		t.Errorf("%d seats: %d held by %d bookings", len(seats), held, owners)
	}
}

// Some seat will do: the service picks, and 300 customers fill a flight without a gap.
func TestAutomaticSeatsFillAFlight(t *testing.T) {
	t.Parallel()
	pool := database(t)
	flight, id := freeFlight(t, pool, 2)
	seats := seatsOf(t, pool, id)
	got := race(t, sessions(t, 300), func(int) string { return flight + ":auto" })
	if got[http.StatusSeeOther] != len(seats) {
		t.Errorf("%d seats, answers by status: %v", len(seats), got)
	}
}

func seatsOf(t *testing.T, pool *sql.DB, flight int64) []string {
	t.Helper()
	var all string
	err := pool.QueryRow(`SELECT GROUP_CONCAT(seat_no ORDER BY seat_no) FROM seat WHERE flight_id = ? AND state = 'available'`, flight).Scan(&all)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(all, ",")
}

func count(t *testing.T, pool *sql.DB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := pool.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
