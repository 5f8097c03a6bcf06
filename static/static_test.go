package static

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(path string, header ...string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	var from io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		from = z
	}
	b, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestHashedFilesAreKeptForEver(t *testing.T) {
	want := map[string]string{
		"app.css":        "text/css; charset=utf-8",
		"app.js":         "text/javascript; charset=utf-8",
		"fonts.css":      "text/css; charset=utf-8",
		"htmx.min.js":    "text/javascript; charset=utf-8",
		"img/logo.svg":   "image/svg+xml",
		"img/touch.png":  "image/png",
		"fonts/91.woff2": "font/woff2",
	}
	for name, kind := range want {
		url := URL(name)
		if !regexp.MustCompile(`^/static/.+\.[0-9a-f]{12}\.\w+$`).MatchString(url) {
			t.Errorf("%s has the address %s", name, url)
		}
		r := get(url)
		if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != kind {
			t.Errorf("%s: %d %s", url, r.StatusCode, r.Header.Get("Content-Type"))
		}
		if got := r.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control %q", url, got)
		}
		if got := get(url, "If-None-Match", r.Header.Get("ETag")); got.StatusCode != http.StatusNotModified {
			t.Errorf("%s with its ETag: %d", url, got.StatusCode)
		}
	}
}

func TestUnknownFilesAreNotFound(t *testing.T) {
	for _, path := range []string{
		"/static/", "/static/none.css", "/static/css/tokens.css", "/static/../static.go", "/static/fonts/",
		"/static/none.0123456789ab.css", "/static/app.zzzzzzzzzzzz.css", "/static/app.js.css", "/static/static.go",
		"/static/htmx.0123456789ab.js", "/static/.css", "/static/app.0123456789ab.",
	} {
		if r := get(path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	if got := URL("none.css"); got != "/static/none.css" {
		t.Errorf("an unknown name has the address %s", got)
	}
}

func TestAnotherVersionsHashIsServedForNow(t *testing.T) {
	for _, path := range []string{"/static/app.0123456789ab.css", "/static/app.css", "/static/htmx.min.0123456789ab.js", "/static/htmx.min.js"} {
		r := get(path)
		if r.StatusCode != http.StatusOK || r.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %s", path, r.StatusCode, r.Header.Get("Cache-Control"))
		}
	}
}

func TestGzip(t *testing.T) {
	plain, zipped := get(URL("app.css")), get(URL("app.css"), "Accept-Encoding", "br, gzip;q=0.8")
	if zipped.Header.Get("Content-Encoding") != "gzip" || plain.Header.Get("Content-Encoding") != "" {
		t.Fatal("wrong encodings")
	}
	for _, r := range []*http.Response{plain, zipped} {
		if r.Header.Get("Vary") != "Accept-Encoding" {
			t.Error("no Vary")
		}
	}
	if plain.Header.Get("ETag") == zipped.Header.Get("ETag") {
		t.Error("both encodings have the same ETag")
	}
	if body(t, plain) != body(t, zipped) {
		t.Error("the encodings differ in content")
	}
	if r := get(URL("app.css"), "Accept-Encoding", "gzip;q=0"); r.Header.Get("Content-Encoding") != "" {
		t.Error("gzip although refused")
	}
	if r := get(URL("fonts/2.woff2"), "Accept-Encoding", "gzip"); r.Header.Get("Content-Encoding") != "" {
		t.Error("a font was compressed twice")
	}
}

func TestMethods(t *testing.T) {
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, URL("app.css"), nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %q", w.Code, w.Header().Get("Allow"))
	}
}

func TestStylesReferToFilesThatExist(t *testing.T) {
	references := 0
	for _, name := range []string{"app.css", "fonts.css"} {
		for _, m := range regexp.MustCompile(`url\(([^)]*)\)`).FindAllStringSubmatch(body(t, get(URL(name))), -1) {
			references++
			r := get(Prefix + m[1])
			if r.StatusCode != http.StatusOK || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s refers to %s: %d", name, m[1], r.StatusCode)
			}
		}
	}
	if references < 90 {
		t.Errorf("only %d references", references)
	}
}

// TestWeight keeps styles and scripts light enough that a first visit with its
// HTML stays below 60 KB.
func TestWeight(t *testing.T) {
	total := 0
	for _, name := range []string{"app.css", "fonts.css", "htmx.min.js", "app.js"} {
		n := len(site().byName[name].zipped())
		t.Logf("%-12s %6d bytes compressed", name, n)
		total += n
	}
	if total > 48<<10 {
		t.Errorf("styles and scripts weigh %d bytes", total)
	}
}

func TestScriptsNeverEvaluate(t *testing.T) {
	if m := regexp.MustCompile(`\beval\(|new Function|innerHTML|document\.write`).FindString(string(site().byName["app.js"].body)); m != "" {
		t.Errorf("app.js uses %s", m)
	}
}
