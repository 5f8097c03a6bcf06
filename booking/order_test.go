package booking_test

import (
	"testing"

	"pigonair/booking/bookingtest"
)

// TestLockOrder watches every transaction of the package: member_sale, flight, seat, booking_seat, booking, and within
// flights and seats by their keys.
func TestLockOrder(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	var order bookingtest.LockOrder
	everything(t, w, bookingtest.Meddling{See: order.See})
	for _, fault := range order.Faults() {
		t.Error(fault)
	}
	for _, table := range []string{"member_sale", "flight", "seat", "booking_seat", "booking"} {
		if !order.Seen(table) {
			t.Errorf("no transaction locked rows of %s: the test sees nothing", table)
		}
	}
}

// TestLockOrderNoticesFaults shows it transactions that take their locks otherwise.
func TestLockOrderNoticesFaults(t *testing.T) {
	t.Parallel()
	w := bookingtest.New(t)
	var order bookingtest.LockOrder
	pool := w.Open(bookingtest.Meddling{See: order.See})
	for _, statements := range [][2]string{
		{"UPDATE booking SET version = 1 WHERE id = 1", "SELECT * FROM seat WHERE flight_id = 1 FOR UPDATE"},
		{"INSERT INTO booking_seat SELECT * FROM booking_seat WHERE FALSE", "UPDATE flight SET version = 1 WHERE id = 1"},
	} {
		tx, err := pool.Begin()
		must(t, err)
		for _, statement := range statements {
			_, err := tx.Exec(statement)
			must(t, err)
		}
		must(t, tx.Rollback())
	}
	tx, err := pool.Begin()
	must(t, err)
	for _, flight := range []int64{2, 1} {
		_, err := tx.Exec("UPDATE flight SET version = version + 1 WHERE id = ?", flight)
		must(t, err)
	}
	must(t, tx.Rollback())
	if n := len(order.Faults()); n != 3 {
		t.Errorf("%d faults noticed: %v", n, order.Faults())
	}
}
