package handlers

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/sync/singleflight"

	"pigonair/static"
	"pigonair/views/layout"
	"pigonair/views/texts"
)

const (
	// sharedAge is how long a rendered page is shown again. What it shows was read at most a second before.
	sharedAge = time.Second
	// sharedMost bounds the pages kept; beyond it all are made anew.
	sharedMost = 1024
	// sharedWait bounds the making of a page on behalf of all who wait for it.
	sharedWait = 10 * time.Second
	// sharedQuery is the longest query whose page is kept.
	sharedQuery = 512
)

// sharedPages keeps rendered pages that are the same for everybody who speaks a language, so that a page that many
// ask for is rendered and compressed once. Safe for concurrent use.
type sharedPages struct {
	now    func() time.Time
	making singleflight.Group

	mu   sync.Mutex
	kept map[string]*sharedPage
}

// sharedPage is one page in bytes.
type sharedPage struct {
	status int
	plain  []byte
	zipped func() []byte // made when the first browser asks for it
	until  time.Time
}

// sharedBody is what a shared page is made of.
type sharedBody struct {
	status int
	page   layout.Page
	body   templ.Component
}

func newSharedPages(now func() time.Time) *sharedPages {
	return &sharedPages{now: now, kept: map[string]*sharedPage{}}
}

// shared answers with a page that shows nothing of a visitor but, by the hint cookie, whether there is a session.
// Many who ask at once cause one making, which no one's leaving ends. Only pages with status 200 are kept.
func (s *site) shared(w http.ResponseWriter, r *http.Request, build func(context.Context) (sharedBody, error)) error {
	key := texts.Lang(r.Context()) + hintOf(r) + r.URL.Path + "?" + r.URL.RawQuery
	p := s.pages.get(key)
	if p == nil {
		made, err, _ := s.pages.making.Do(key, func() (any, error) { return s.makeShared(r, key, build) })
		if err != nil {
			return err
		}
		p = made.(*sharedPage)
	}
	p.serve(w, r)
	return nil
}

func (s *site) makeShared(r *http.Request, key string, build func(context.Context) (sharedBody, error)) (*sharedPage, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), sharedWait)
	defer cancel()
	b, err := build(ctx)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if err := layout.Shell(s.frame(r, b.page)).Render(templ.WithChildren(ctx, b.body), &buf); err != nil {
		return nil, err
	}
	p := &sharedPage{status: b.status, plain: buf.Bytes(), until: s.pages.now().Add(sharedAge)}
	p.zipped = sync.OnceValue(func() []byte { return zip(p.plain) })
	if b.status == http.StatusOK && len(r.URL.RawQuery) <= sharedQuery {
		s.pages.keep(key, p)
	}
	return p, nil
}

// hintOf tells the two headers of a shared page apart.
func hintOf(r *http.Request) string {
	if _, err := r.Cookie(HintCookie); err != nil {
		return "-"
	}
	return "+"
}

// get returns a page that is still good, or nil.
func (c *sharedPages) get(key string) *sharedPage {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.kept[key]
	if p == nil || !c.now().Before(p.until) {
		return nil
	}
	return p
}

func (c *sharedPages) keep(key string, p *sharedPage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) >= sharedMost {
		clear(c.kept)
	}
	c.kept[key] = p
}

func (p *sharedPage) serve(w http.ResponseWriter, r *http.Request) {
	h, body := w.Header(), p.plain
	h.Add("Vary", "Accept-Encoding")
	if static.AcceptsGzip(r.Header.Get("Accept-Encoding")) {
		body = p.zipped()
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "private, no-cache")
	w.WriteHeader(p.status)
	_, _ = w.Write(body) // a customer who went away is no fault of ours
}

// zip compresses a page. Writing to memory does not fail.
func zip(plain []byte) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	_, _ = z.Write(plain)
	_ = z.Close()
	return buf.Bytes()
}
