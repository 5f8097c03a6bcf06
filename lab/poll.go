package lab

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// pollOverBare asks what a poll of somebody who waits costs beside a handler that does nothing but send the same
// bytes.
var pollOverBare = benchmark{"poll_over_bare", "ratio", ">= 0.8", func(ctx context.Context, b *bench) (float64, string, error) {
	h, err := b.open(ctx, "poll", nil)
	if err != nil {
		return 0, "", err
	}
	defer h.close()
	sessions, err := h.customers(ctx, pollCustomers)
	if err != nil {
		return 0, "", err
	}
	if err := h.serve(ctx); err != nil {
		return 0, "", err
	}
	places, err := h.join(ctx, sessions)
	if err != nil {
		return 0, "", err
	}
	return h.overBare(ctx, func(addr string) func([]byte) []byte { return polls(addr, places) })
}}

const (
	// pollCustomers is how many wait in line and poll in turn.
	pollCustomers = 256
	// waitingSale is the seeded sale that lets nobody in: who joins waits.
	waitingSale = "hallasan-special"
)

// polls makes one poll after the other, of one customer after the other.
func polls(addr string, places []string) func([]byte) []byte {
	requests := make([][]byte, len(places))
	for i, cookies := range places {
		requests[i] = pollRequest(addr, cookies)
	}
	var next atomic.Uint64
	return func(buf []byte) []byte { return append(buf, requests[next.Add(1)%uint64(len(requests))]...) }
}

func pollRequest(addr, cookies string) []byte {
	plain := getRequest(addr, "/sales/"+waitingSale+"/queue/status")
	return fmt.Appendf(plain[:len(plain)-2], "HX-Request: true\r\nCookie: %s\r\n\r\n", cookies)
}

// join puts customers into the line as browsers do, and returns the Cookie headers with which they poll: those of
// the session too, because browsers send all they have.
func (h *house) join(ctx context.Context, sessions []string) ([]string, error) {
	if err := h.lineServed(ctx, sessions[0]); err != nil {
		return nil, err
	}
	places := make([]string, len(sessions))
	for i, session := range sessions {
		jar, err := h.collect(ctx, joinRequest(h.addr, session), session, http.StatusSeeOther)
		if err != nil {
			return nil, err
		}
		// The first poll notes in a cookie what was told; later ones of somebody who stands still tell nothing new.
		if places[i], err = h.collect(ctx, pollRequest(h.addr, jar), jar, http.StatusOK); err != nil {
			return nil, err
		}
	}
	return places, nil
}

func joinRequest(addr, session string) []byte {
	return fmt.Appendf(nil, "POST /sales/%s/queue HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\nSec-Fetch-Site: same-origin\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\nCookie: %s\r\n\r\n", waitingSale, addr, addr, session)
}

// lineServed waits until somebody can join: Redis is empty, and a line is first built from the database.
func (h *house) lineServed(ctx context.Context, session string) error {
	for {
		answer, _, err := h.once(ctx, joinRequest(h.addr, session))
		if err != nil || answer.Status != http.StatusServiceUnavailable {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// collect sends a request and returns the Cookie header after its answer.
func (h *house) collect(ctx context.Context, request []byte, jar string, want int) (string, error) {
	answer, fields, err := h.once(ctx, request)
	if err == nil && answer.Status != want {
		err = fmt.Errorf("%w: status %d, not %d (the log: %s)", errPage, answer.Status, want, h.group.Log("serve"))
	}
	if err != nil {
		return "", err
	}
	kept := map[string]string{}
	var names []string
	cookies, err := http.ParseCookie(jar)
	if err != nil {
		return "", err
	}
	for _, c := range append(cookies, (&http.Response{Header: fields}).Cookies()...) {
		if _, known := kept[c.Name]; !known {
			names = append(names, c.Name)
		}
		kept[c.Name] = c.Value
	}
	for i, name := range names {
		names[i] = name + "=" + kept[name]
	}
	return strings.Join(names, "; "), nil
}
