package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"
)

// Page is an answer as it came: what a bare handler serves again.
type Page struct {
	Type, Encoding string // header fields, empty where there was none
	Body           []byte
}

// ServeBare serves the page stored in a file under every path, with nothing around it but net/http: what any
// handler of ours costs at least. It returns when ctx ends.
func ServeBare(ctx context.Context, addr, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var p Page
	if err := json.Unmarshal(content, &p); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); ctx.Err() == nil {
		return err
	}
	return nil
}

// ServeHTTP answers with the page.
func (p Page) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", p.Type)
	if p.Encoding != "" {
		h.Set("Content-Encoding", p.Encoding)
	}
	h.Set("Content-Length", strconv.Itoa(len(p.Body)))
	_, _ = w.Write(p.Body) // whoever went away needs no answer
}
