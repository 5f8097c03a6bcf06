package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

func server(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

func TestOneConnectionManyAnswers(t *testing.T) {
	t.Parallel()
	addr := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/see":
			w.Header().Set("Location", "/there")
			w.WriteHeader(http.StatusSeeOther)
		case "/none":
			w.WriteHeader(http.StatusNoContent)
		case "/echo":
			body, _ := io.ReadAll(r.Body)
			w.Header().Set("Content-Length", "9000")
			_, _ = w.Write(append([]byte(strings.Repeat("x", 9000-len(body))), body...))
		default:
			w.Header().Set("Transfer-Encoding", "chunked")
			_, _ = w.Write([]byte("piece"))
			w.(http.Flusher).Flush()
		}
	})
	c, err := Dial(t.Context(), addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, want := range []struct {
		request, head, tail string
		status              int
	}{
		{"GET /see HTTP/1.1\r\nHost: x\r\n\r\n", "\r\nLocation: /there\r\n", "", 303},
		{"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200 OK", "xhello", 200},
		{"GET /none HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 204", "", 204},
	} {
		a, err := c.Do([]byte(want.request))
		if err != nil {
			t.Fatalf("%s: %v", want.request, err)
		}
		if a.Status != want.status || !strings.Contains(string(a.Head), want.head) || !strings.HasSuffix(string(a.Body), want.tail) {
			t.Errorf("%s: %d %q %q", want.request, a.Status, a.Head, a.Body)
		}
	}
	if _, err := c.Do([]byte("GET /chunked HTTP/1.1\r\nHost: x\r\n\r\n")); !errors.Is(err, ErrAnswer) {
		t.Errorf("chunked: %v", err)
	}
}

func TestLoadSendsEachRequestOnce(t *testing.T) {
	t.Parallel()
	var served, sent atomic.Int64
	addr := server(t, func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		w.Header().Set("Content-Length", "0")
	})
	counts, err := Load{Addr: addr, Conns: 8, Request: func(buf []byte) []byte {
		if sent.Add(1) > 1000 {
			return nil
		}
		return append(buf, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"...)
	}}.Run(t.Context())
	if err != nil || counts[200] != 1000 || served.Load() != 1000 {
		t.Errorf("%v, %v, served %d", counts, err, served.Load())
	}
}

func TestLoadEndsWithContextAndWithServer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	addr := server(t, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		w.Header().Set("Content-Length", "0")
	})
	request := func(buf []byte) []byte { return append(buf, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"...) }
	if counts, err := (Load{Addr: addr, Conns: 2, Request: request}).Run(ctx); err != nil || counts[200] == 0 {
		t.Errorf("%v, %v", counts, err)
	}
	gone := server(t, func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	if _, err := (Load{Addr: gone, Conns: 2, Request: request}).Run(t.Context()); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("server that hangs up: %v", err)
	}
}
