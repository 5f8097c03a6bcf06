package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"pigonair/db"
	"pigonair/flights"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	ctx := context.Background()
	pool, err := db.Open(os.Args[1], db.Pool{})
	check(err)
	_, err = pool.Exec("DROP DATABASE zp")
	check(err)
	_, err = pool.Exec("CREATE DATABASE zp")
	check(err)
	pool.Close()
	pool, err = db.Open(os.Args[1], db.Pool{})
	check(err)
	t := time.Now()
	_, err = db.Migrate(ctx, pool)
	check(err)
	fmt.Println("migrate", time.Since(t))
	conn, err := pool.Conn(ctx)
	check(err)
	l, err := flights.LoadLayouts()
	check(err)
	_, err = conn.ExecContext(ctx, `CREATE TEMPORARY TABLE st (layout VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin, seat_no VARCHAR(4) CHARACTER SET ascii COLLATE ascii_bin, cabin VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin, state VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin, PRIMARY KEY(layout, seat_no)) ENGINE=InnoDB`)
	check(err)
	for _, x := range l.All() {
		for _, s := range x.Seats() {
			_, err = conn.ExecContext(ctx, "INSERT INTO st VALUES (?,?,?,'available')", x.Code, s.No, string(s.Cabin))
			check(err)
		}
	}
	t = time.Now()
	n := 0
	for d := 0; d < 20; d++ {
		_, err = conn.ExecContext(ctx, "BEGIN")
		for f := 1; f <= 100; f++ {
			id := int64(20261200+d)*10000 + int64(f)
			_, err = conn.ExecContext(ctx, "INSERT INTO flight VALUES (?,?,'2026-12-01'+INTERVAL ? DAY,'GMP','CJU','2026-12-01'+INTERVAL ? DAY,'2026-12-02'+INTERVAL ? DAY,'b738','scheduled',0,NULL,'2026-11-01',0)", id, fmt.Sprint("ZP", f), d, d, d)
			check(err)
		}
		r, err := conn.ExecContext(ctx, "INSERT INTO seat (flight_id, seat_no, cabin, state) SELECT STRAIGHT_JOIN f.id, t.seat_no, t.cabin, t.state FROM flight f JOIN st t ON t.layout = f.layout WHERE f.id BETWEEN ? AND ? ORDER BY f.id, t.seat_no", int64(20261200+d)*10000, int64(20261200+d)*10000+9999)
		check(err)
		k, _ := r.RowsAffected()
		n += int(k)
		_, err = conn.ExecContext(ctx, "COMMIT")
		check(err)
	}
	el := time.Since(t)
	fmt.Println(n, el, float64(n)/el.Seconds())
}
