package lab

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"pigonair/flights"
)

// cabin is the layout of the lab's flights: one aircraft as long as the load needs it.
const cabin = `code      lab
aircraft  Lab
name      실험실 | Lab

grade s standard 0

cabin economy
columns  ABC DEFG HJK
1-%d     sss ssss sss
`

// acrossCabin is how many seats a row of the cabin has.
const acrossCabin = 10

// airfield is the flights that holds are made on, all with the same free seats.
type airfield struct {
	flights []flights.PublicID
	seats   []string // in the order in which they are asked for
}

// layoutFolder writes the cabin for so many seats to a folder that the web process reads.
func (b *bench) layoutFolder(seats int) (string, error) {
	folder := filepath.Join(b.Home, "layouts")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	return folder, os.WriteFile(filepath.Join(folder, "lab.txt"), fmt.Appendf(nil, cabin, seats/acrossCabin), 0o644)
}

// build adds n flights with the cabin of layoutFolder to the database, without seats: refill gives them some.
func (h *house) build(ctx context.Context, n int) (*airfield, error) {
	layouts, err := flights.LoadLayoutsWith(h.settings["layouts"])
	if err != nil {
		return nil, err
	}
	layout, err := layouts.Find("lab")
	if err != nil {
		return nil, err
	}
	a := &airfield{}
	for _, seat := range layout.Seats() {
		a.seats = append(a.seats, seat.No)
	}
	// Customers choose all over the aircraft; the same order every time.
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(a.seats), func(i, j int) { a.seats[i], a.seats[j] = a.seats[j], a.seats[i] })
	if err := h.keepSeats(ctx, a.seats); err != nil {
		return nil, err
	}
	departs := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 20)
	for i := range n {
		id := flights.PublicID{FlightNo: fmt.Sprintf("ZP%d", 9000+i), Date: flights.DateOf(departs)}
		if err := h.addFlight(ctx, id, departs); err != nil {
			return nil, err
		}
		a.flights = append(a.flights, id)
	}
	return a, nil
}

func (h *house) addFlight(ctx context.Context, id flights.PublicID, departs time.Time) error {
	_, err := h.pool.ExecContext(ctx, `INSERT INTO flight (id, flight_no, local_date, origin, destination, departs_at, arrives_at, layout, international, sales_close_at)
VALUES (?, ?, ?, 'GMP', 'CJU', ?, ?, 'lab', FALSE, ?)`, id.RowID(), id.FlightNo, departs, departs, departs.Add(70*time.Minute), departs.Add(-time.Hour))
	if err != nil {
		return err
	}
	_, err = h.pool.ExecContext(ctx, `INSERT INTO flight_fare (flight_id, cabin, fare_code, base_amount) VALUES (?, 'economy', ?, 70900)`, id.RowID(), labFare)
	return err
}

// labFare is the fare that is asked for. It has no quota.
const labFare = "standard"

// seatChunk is how many seat numbers go into one statement.
const seatChunk = 5000

// keepSeats stores the cabin's seat numbers, from which flights are filled.
func (h *house) keepSeats(ctx context.Context, seats []string) error {
	_, err := h.pool.ExecContext(ctx, `CREATE TABLE lab_seat (seat_no VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY)`)
	for len(seats) > 0 && err == nil {
		n := min(len(seats), seatChunk)
		_, err = h.pool.ExecContext(ctx, `INSERT INTO lab_seat (seat_no) VALUES ('`+strings.Join(seats[:n], `'),('`)+`')`)
		seats = seats[n:]
	}
	return err
}

// refill forgets all bookings and makes every seat of the airfield free, as in a database just made.
func (h *house) refill(ctx context.Context, a *airfield) error {
	for _, table := range []string{"booking", "booking_leg", "booking_seat", "price_line", "seat_history", "seat"} {
		if _, err := h.pool.ExecContext(ctx, "TRUNCATE TABLE "+table); err != nil {
			return err
		}
	}
	for _, id := range a.flights {
		_, err := h.pool.ExecContext(ctx, `INSERT INTO seat (flight_id, seat_no, cabin) SELECT ?, seat_no, 'economy' FROM lab_seat ORDER BY seat_no`, id.RowID())
		if err != nil {
			return err
		}
	}
	return nil
}
