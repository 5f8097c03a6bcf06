package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"sync"
)

//go:embed css js fonts img fonts.css htmx.min.js
var embedded embed.FS

// hashLength is how many hexadecimal digits of the SHA-256 stand in an address.
const hashLength = 12

// bundles are the files that are joined, in this order, into one.
var bundles = map[string][]string{
	"app.css": {
		"css/tokens.css", "css/base.css", "css/layout.css", "css/components.css", "css/forms.css",
		"css/flights.css", "css/seats.css", "css/bookings.css", "css/sales.css", "css/admin.css", "css/modes.css",
	},
	"app.js": {"js/app.js", "js/forms.js", "js/countdown.js", "js/seats.js", "js/turn.js"},
}

var types = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".png":   "image/png",
	".woff2": "font/woff2",
	".txt":   "text/plain; charset=utf-8",
}

// asset is one file as it is served.
type asset struct {
	name, hash, url string
	body            []byte
	zipped          func() []byte // nil where gzip gains nothing
}

type files struct {
	byName map[string]*asset
}

// build reads every embedded file, joins the bundles and puts the hashed
// addresses of the fonts into the styles. The files are part of the program,
// so that reading them cannot fail.
func build() *files {
	s := &files{byName: map[string]*asset{}}
	for _, dir := range []string{"fonts", "img"} {
		entries, _ := embedded.ReadDir(dir)
		for _, e := range entries {
			s.add(read(path.Join(dir, e.Name())))
		}
	}
	s.add(read("htmx.min.js"))
	name, styles := read("fonts.css")
	s.add(name, s.link(styles))
	for name, parts := range bundles {
		s.add(name, s.link(join(parts)))
	}
	return s
}

func read(name string) (string, []byte) {
	body, _ := fs.ReadFile(embedded, name)
	return name, body
}

func join(parts []string) []byte {
	var b bytes.Buffer
	for _, name := range parts {
		_, body := read(name)
		b.Write(body)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func (s *files) add(name string, body []byte) {
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])[:hashLength]
	ext := path.Ext(name)
	a := &asset{name: name, hash: hash, body: body, url: Prefix + strings.TrimSuffix(name, ext) + "." + hash + ext}
	if ext != ".woff2" && ext != ".png" {
		a.zipped = sync.OnceValue(func() []byte { return zip(body) })
	}
	s.byName[name] = a
}

var reference = regexp.MustCompile(`url\(([a-z0-9/.-]+)\)`)

// link replaces url(fonts/2.woff2) in styles by the hashed address.
func (s *files) link(styles []byte) []byte {
	return reference.ReplaceAllFunc(styles, func(m []byte) []byte {
		if a, ok := s.byName[string(reference.FindSubmatch(m)[1])]; ok {
			return []byte("url(" + strings.TrimPrefix(a.url, Prefix) + ")")
		}
		return m
	})
}

func zip(body []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	// Writing to memory cannot fail.
	_, _ = w.Write(body)
	_ = w.Close()
	return b.Bytes()
}
