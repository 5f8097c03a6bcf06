package handlers

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/a-h/templ"

	"pigonair/views/layout"
	"pigonair/views/texts"
)

// sharedFixture is a site with a clock of its own and a page that counts how often it is made.
type sharedFixture struct {
	*site
	now  time.Time
	made atomic.Int32
}

func newSharedFixture() *sharedFixture {
	f := &sharedFixture{now: searchNoon}
	f.site = &site{pages: newSharedPages(func() time.Time { return f.now })}
	return f
}

func (f *sharedFixture) build(status int) func(context.Context) (sharedBody, error) {
	return func(ctx context.Context) (sharedBody, error) {
		f.made.Add(1)
		return sharedBody{status, layout.Page{Title: "t"}, templ.Raw("<p>" + texts.Lang(ctx) + "</p>")}, ctx.Err()
	}
}

func (f *sharedFixture) get(t *testing.T, status int, change func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/flights?from=GMP", nil)
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	if err := f.shared(w, r, f.build(status)); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestSharedPageIsMadeOncePerMomentLanguageAndHint(t *testing.T) {
	t.Parallel()
	f := newSharedFixture()
	english := func(r *http.Request) { *r = *r.WithContext(texts.WithLang(r.Context(), texts.English)) }
	known := func(r *http.Request) { r.AddCookie(&http.Cookie{Name: HintCookie, Value: "1"}) }
	for i, step := range []struct {
		change func(*http.Request)
		after  time.Duration
		made   int32
	}{{nil, 0, 1}, {nil, 0, 1}, {english, 0, 2}, {known, 0, 3}, {nil, sharedAge - 1, 3}, {nil, 1, 4}} {
		f.now = f.now.Add(step.after)
		page := f.get(t, http.StatusOK, step.change).Body.String()
		if got := f.made.Load(); got != step.made {
			t.Errorf("step %d: made %d times, want %d", i, got, step.made)
		}
		if english := strings.Contains(page, "<p>en</p>"); english != (i == 2) {
			t.Errorf("step %d speaks the wrong language", i)
		}
		if account := strings.Contains(page, `href="/account"`); account != (i == 3) {
			t.Errorf("step %d: header with account %t", i, account)
		}
	}
}

func TestSharedPageOfAManyAskedQuestionIsMadeOnce(t *testing.T) {
	t.Parallel()
	f := newSharedFixture()
	entered, release := make(chan struct{}), make(chan struct{})
	build := func(ctx context.Context) (sharedBody, error) {
		close(entered) // a second making would panic
		<-release
		return f.build(http.StatusOK)(ctx)
	}
	var wait sync.WaitGroup
	ask := func(ctx context.Context) {
		defer wait.Done()
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/flights?from=GMP", nil)
		if err := f.shared(httptest.NewRecorder(), r, build); err != nil {
			t.Error(err)
		}
	}
	first, leave := context.WithCancel(t.Context())
	wait.Add(1)
	go ask(first)
	<-entered
	for range 20 {
		wait.Add(1)
		go ask(t.Context())
	}
	leave() // the first customer's leaving harms nobody
	close(release)
	wait.Wait()
	if got := f.made.Load(); got != 1 {
		t.Errorf("made %d times", got)
	}
}

func TestSharedPageIsCompressedForThoseWhoReadIt(t *testing.T) {
	t.Parallel()
	f := newSharedFixture()
	plain := f.get(t, http.StatusOK, nil)
	zipped := f.get(t, http.StatusOK, func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip, br") })
	if got := zipped.Header().Get("Content-Encoding"); got != "gzip" {
		t.Fatalf("sent as %q", got)
	}
	reader, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(reader)
	if err != nil || string(page) != plain.Body.String() {
		t.Errorf("unpacked %d bytes, %v; plain %d", len(page), err, plain.Body.Len())
	}
	if got := f.made.Load(); got != 1 {
		t.Errorf("made %d times", got)
	}
}

func TestFaultsAreNotKept(t *testing.T) {
	t.Parallel()
	f := newSharedFixture()
	for range 2 {
		if got := f.get(t, http.StatusUnprocessableEntity, nil).Code; got != http.StatusUnprocessableEntity {
			t.Errorf("status %d", got)
		}
	}
	if got := f.made.Load(); got != 2 {
		t.Errorf("made %d times, want 2", got)
	}
	away := errors.New("away")
	err := f.shared(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), func(context.Context) (sharedBody, error) { return sharedBody{}, away })
	if !errors.Is(err, away) {
		t.Errorf("error %v", err)
	}
}

func TestSharedPagesAreBounded(t *testing.T) {
	t.Parallel()
	f := newSharedFixture()
	for i := range sharedMost + 5 {
		f.pages.keep(string(rune(i)), &sharedPage{})
	}
	if got := len(f.pages.kept); got > sharedMost {
		t.Errorf("%d pages kept", got)
	}
	f.get(t, http.StatusOK, func(r *http.Request) { r.URL.RawQuery = strings.Repeat("a", sharedQuery+1) })
	for key := range f.pages.kept {
		if len(key) > sharedQuery {
			t.Error("a page with an endless address is kept")
		}
	}
}
