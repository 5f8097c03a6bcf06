package lab

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"time"

	"pigonair/internal/processes"
	"pigonair/lab/wire"
)

// searchCachedOverBare asks what a search that others have just made costs beside a handler that does nothing but
// send the same bytes.
var searchCachedOverBare = benchmark{"search_cached_over_bare", "ratio", ">= 0.7", func(ctx context.Context, b *bench) (float64, string, error) {
	h, err := b.open(ctx, "search", nil)
	if err != nil {
		return 0, "", err
	}
	defer h.close()
	if err := h.serve(ctx); err != nil {
		return 0, "", err
	}
	depart := time.Now().UTC().AddDate(0, 0, 3).Format(time.DateOnly)
	path := "/flights?from=GMP&to=CJU&depart=" + depart + "&adults=1"
	return h.overBare(ctx, func(addr string) func([]byte) []byte {
		request := getRequest(addr, path)
		return func(buf []byte) []byte { return append(buf, request...) }
	})
}}

// getConns is how many connections ask for pages. More only queue: the answers are ready.
const getConns = 64

// overBare compares getting a page from the web process with getting its bytes from a bare handler. ask makes the
// requests to an address, one after the other.
func (h *house) overBare(ctx context.Context, ask func(addr string) func(buf []byte) []byte) (float64, string, error) {
	page, err := h.fetch(ctx, ask(h.addr)(nil))
	if err != nil {
		return 0, "", err
	}
	bareAddr, err := h.bare(ctx, page)
	if err != nil {
		return 0, "", err
	}
	load := loadAverage()
	rates, err := h.interleave(ctx, side{"serve", h.gets(h.addr, ask(h.addr))}, side{"bare", h.gets(bareAddr, ask(bareAddr))})
	if err != nil {
		return 0, "", err
	}
	value, interval := ratio(rates[0], rates[1])
	return value, fmt.Sprintf("%.0f/s through serve over %.0f/s bare: %s; %d bytes (%s), %d connections, %d rounds of %s; load average before %s",
		medianOf(rates[0]), medianOf(rates[1]), interval, len(page.Body), page.Encoding, getConns, rounds, h.Length, load), nil
}

func getRequest(addr, path string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: Mozilla/5.0 (lab)\r\nAccept: text/html\r\nAccept-Language: ko-KR,ko;q=0.9,en;q=0.8\r\nAccept-Encoding: gzip\r\n\r\n", path, addr)
}

// errPage says that what should be measured is not what is served.
var errPage = errors.New("not the page to measure")

// fetch gets the page once, as it is sent to browsers.
func (h *house) fetch(ctx context.Context, request []byte) (Page, error) {
	answer, fields, err := h.once(ctx, request)
	if err == nil && answer.Status != http.StatusOK {
		err = fmt.Errorf("%w: status %d (the log: %s)", errPage, answer.Status, h.group.Log("serve"))
	}
	if err != nil {
		return Page{}, err
	}
	return Page{Type: fields.Get("Content-Type"), Encoding: fields.Get("Content-Encoding"), Body: answer.Body}, nil
}

// once sends one request to the web process over a connection of its own.
func (h *house) once(ctx context.Context, request []byte) (wire.Answer, http.Header, error) {
	c, err := wire.Dial(ctx, h.addr)
	if err != nil {
		return wire.Answer{}, nil, err
	}
	defer c.Close()
	answer, err := c.Do(request)
	if err != nil {
		return wire.Answer{}, nil, err
	}
	// The first line is the status.
	_, head, _ := bytes.Cut(answer.Head, []byte("\r\n"))
	fields, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(head))).ReadMIMEHeader()
	return answer, http.Header(fields), err
}

// bare starts the bare handler with a page and returns its address.
func (h *house) bare(ctx context.Context, page Page) (string, error) {
	content, err := json.Marshal(page)
	if err != nil {
		return "", err
	}
	file := filepath.Join(h.Home, "bare.json")
	if err := os.WriteFile(file, content, 0o644); err != nil {
		return "", err
	}
	addr, err := processes.FreeAddr("127.0.0.1:0")
	if err != nil {
		return "", err
	}
	if _, err := h.group.Start([]string{"lab", "bare", "--listen", addr, "--page", file}, processes.Environment(nil)); err != nil {
		return "", err
	}
	return addr, processes.Answers(ctx, "http://"+addr+"/", readyEvery)
}

// gets sends requests for the bench's length, after warming up, and returns the answers per second. Any
// status but 200 is an error.
func (h *house) gets(addr string, request func([]byte) []byte) func(context.Context) (float64, error) {
	load := wire.Load{Addr: addr, Conns: getConns, Request: request}
	run := func(ctx context.Context, long time.Duration) (float64, error) {
		ctx, stop := context.WithTimeout(ctx, long)
		defer stop()
		began := time.Now()
		counts, err := load.Run(ctx)
		took := time.Since(began).Seconds()
		if n := counts[http.StatusOK]; err == nil && (len(counts) != 1 || n == 0) {
			err = fmt.Errorf("%w: statuses %v", errPage, counts)
		}
		return float64(counts[http.StatusOK]) / took, err
	}
	return func(ctx context.Context) (float64, error) {
		if _, err := run(ctx, warmUp(h.Length)); err != nil {
			return 0, err
		}
		return run(ctx, h.Length)
	}
}
