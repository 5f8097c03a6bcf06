// Package static serves the styles, scripts, fonts and pictures that are
// embedded in the program, under addresses that carry a hash of the content:
// browsers keep them for ever, and a new version has a new address.
package static

import (
	"cmp"
	"net/http"
	"path"
	"strings"
	"sync"
)

// Prefix is where Handler expects to be mounted.
const Prefix = "/static/"

var site = sync.OnceValue(build)

// URL is the address of an embedded file, such as "app.css", "app.js" or
// "img/logo.svg". A name that does not exist leads to a 404.
func URL(name string) string {
	if a, ok := site().byName[name]; ok {
		return a.url
	}
	return Prefix + name
}

// Handler serves every embedded file under Prefix; the rest is 404.
func Handler() http.Handler { return http.HandlerFunc(serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	a, current := site().find(strings.TrimPrefix(r.URL.Path, Prefix))
	if a == nil {
		http.NotFound(w, r)
		return
	}
	a.serve(w, r, current)
}

// find looks a requested path up. A path whose hash is another version's finds
// today's file, but not as current: while a new version is rolled out, pages of
// either version get their styles from instances of both.
func (s *files) find(requested string) (a *asset, current bool) {
	dir, file := path.Split(requested)
	base, rest, _ := strings.Cut(file, ".")
	hash, ext, ok := cutLastDot(rest)
	if !ok || len(hash) < hashLength {
		return s.byName[requested], false
	}
	if len(hash) > hashLength { // such as htmx.min.<hash>.js
		base, hash = base+"."+hash[:len(hash)-hashLength-1], hash[len(hash)-hashLength:]
	}
	if !isHash(hash) {
		return nil, false
	}
	a = s.byName[dir+base+"."+ext]
	return a, a != nil && a.hash == hash
}

func isHash(s string) bool {
	for _, c := range s {
		if !strings.ContainsRune("0123456789abcdef", c) {
			return false
		}
	}
	return len(s) == hashLength
}

func cutLastDot(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request, current bool) {
	body, tag := a.body, `"`+a.hash+`"`
	h := w.Header()
	if a.zipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if AcceptsGzip(r.Header.Get("Accept-Encoding")) {
			body, tag = a.zipped(), `"`+a.hash+`-gz"`
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("ETag", tag)
	h.Set("Cache-Control", "no-cache")
	if current {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if Matches(r.Header.Get("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", cmp.Or(types[path.Ext(a.name)], "application/octet-stream"))
	h.Set("X-Content-Type-Options", "nosniff")
	// A client that has gone away is nothing to report.
	_, _ = w.Write(body)
}

// AcceptsGzip reads an Accept-Encoding header; "gzip;q=0" is a refusal.
func AcceptsGzip(header string) bool {
	for item := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(item), ";")
		if name != "gzip" && name != "*" {
			continue
		}
		q = strings.ReplaceAll(q, " ", "")
		return strings.Trim(strings.TrimPrefix(q, "q="), "0.") != "" || q == ""
	}
	return false
}

// Matches reads an If-None-Match header: whether the browser has what tag names.
func Matches(header, tag string) bool {
	for item := range strings.SplitSeq(header, ",") {
		item = strings.TrimSpace(item)
		if item == "*" || strings.TrimPrefix(item, "W/") == tag {
			return true
		}
	}
	return false
}
