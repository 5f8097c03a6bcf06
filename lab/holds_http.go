package lab

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"pigonair/lab/wire"
)

// holdCustomers is how many customers, each with a session, send the holds in turn.
const holdCustomers = 1000

// httpHolds makes holds as browsers do: the fields of the seat map's form, each request for another free seat.
type httpHolds struct {
	*house
	field   *airfield
	cookies []string
	conns   int
	length  time.Duration // of one run
	next    atomic.Int64
	used    usage   // of the last run
	held    float64 // holds per second in the last run
}

// run makes holds on fresh seats for its length and returns how many were committed per second.
func (s *httpHolds) run(ctx context.Context) (float64, error) {
	if err := s.refill(ctx, s.field); err != nil {
		return 0, err
	}
	s.next.Store(0)
	rate, used, err := s.counted(ctx, s.length, true, func(ctx context.Context) (int, error) {
		counts, err := wire.Load{Addr: s.addr, Conns: s.conns, Request: s.request}.Run(ctx)
		for status := range counts {
			if status != http.StatusSeeOther && err == nil {
				err = fmt.Errorf("a hold was answered with %d (the log: %s)", status, s.group.Log("serve"))
			}
		}
		return counts[http.StatusSeeOther], err
	})
	s.used, s.held = used, rate
	return rate, err
}

// request is the next hold; nil when all seats are gone.
func (s *httpHolds) request(buf []byte) []byte {
	i := int(s.next.Add(1) - 1)
	if i/len(s.field.flights) >= len(s.field.seats) {
		return nil
	}
	return s.form(buf, i)
}

// form is the seat map's form for the i-th seat of all, under the i-th key; seats begin anew at the end.
func (s *httpHolds) form(buf []byte, i int) []byte {
	seat := i / len(s.field.flights) % len(s.field.seats)
	flight := s.field.flights[i%len(s.field.flights)].String()
	body := make([]byte, 0, 192)
	for _, part := range [...]string{"fare=", flight, "%3A" + labFare + "&adults=1&children=0&infants=0&seat=", flight, "%3A", s.field.seats[seat], "&key="} {
		body = append(body, part...)
	}
	body = appendKey(body, i)
	for _, part := range [...]string{"POST /holds HTTP/1.1\r\nHost: ", s.addr, "\r\nUser-Agent: Mozilla/5.0 (lab)\r\nAccept: text/html\r\nAccept-Language: ko-KR,ko;q=0.9,en;q=0.8\r\n" +
		"Accept-Encoding: gzip\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ", strconv.Itoa(len(body)),
		"\r\nOrigin: http://", s.addr, "\r\nSec-Fetch-Site: same-origin\r\nCookie: ", s.cookies[i%len(s.cookies)], "\r\n\r\n"} {
		buf = append(buf, part...)
	}
	return append(buf, body...)
}

// appendKey adds the idempotency key of hold i.
func appendKey(b []byte, i int) []byte {
	return hex.AppendEncode(append(b, "lab-0000000000000000"...), binary.BigEndian.AppendUint64(nil, mixed(uint64(i))))
}

// mixed scatters numbers as random keys are scattered (the finalizer of SplitMix64): rows under a key then land
// all over its index, as they do in life.
func mixed(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
