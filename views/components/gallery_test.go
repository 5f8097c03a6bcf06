package components

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"pigonair/views/texts"
)

// TestGalleryIsSound walks the gallery, which shows every component, for what
// must hold on every page.
func TestGalleryIsSound(t *testing.T) {
	for _, lang := range texts.Languages() {
		doc, err := html.Parse(bytes.NewReader(render(t, lang, Gallery())))
		if err != nil {
			t.Fatal(err)
		}
		elements := map[string]*html.Node{}
		for n := range doc.Descendants() {
			if id := attr(n, "id"); id != "" {
				if elements[id] != nil {
					t.Errorf("the id %s stands twice", id)
				}
				elements[id] = n
			}
		}
		for n := range doc.Descendants() {
			if n.Type == html.ElementNode {
				checkElement(t, n, elements)
			}
			if n.Type == html.TextNode && (strings.Contains(n.Data, "{{") || strings.Contains(n.Data, "gallery.")) {
				t.Errorf("%s: a text is missing: %q", lang, n.Data)
			}
		}
	}
}

func checkElement(t *testing.T, n *html.Node, elements map[string]*html.Node) {
	t.Helper()
	for _, a := range n.Attr {
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") {
			t.Errorf("<%s> carries %s, which the content security policy blocks", n.Data, a.Key)
		}
	}
	for _, key := range []string{"for", "aria-describedby", "aria-labelledby", "data-dialog"} {
		for _, id := range strings.Fields(attr(n, key)) {
			if elements[id] == nil {
				t.Errorf("<%s %s=%q> refers to nothing", n.Data, key, id)
			}
		}
	}
	switch n.Data {
	case "script", "style":
		t.Errorf("<%s> inside the page", n.Data)
	case "input", "select":
		if !labelled(n, elements) {
			t.Errorf("<%s name=%q> has no label", n.Data, attr(n, "name"))
		}
	case "svg":
		if attr(n, "aria-hidden") != "true" && attr(n, "role") != "img" {
			t.Error("an svg is neither hidden nor a picture")
		}
	}
}

func labelled(n *html.Node, elements map[string]*html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == "label" {
			return true
		}
	}
	for _, other := range elements {
		for l := range root(other).Descendants() {
			if l.Data == "label" && attr(l, "for") == attr(n, "id") && attr(n, "id") != "" {
				return true
			}
		}
		return false
	}
	return false
}

func root(n *html.Node) *html.Node {
	for n.Parent != nil {
		n = n.Parent
	}
	return n
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func TestLaterDays(t *testing.T) {
	legs := sampleLegs(t.Context())
	if got := legs[0].laterDays(); got != 0 {
		t.Errorf("a hop arrives %d days later", got)
	}
	if got := legs[1].laterDays(); got != 2 {
		t.Errorf("across the date line: %d days later", got)
	}
	back := LegSpec{Depart: legs[1].Arrive, Arrive: legs[1].Depart}
	if got := plusDays(back.laterDays()); got != "−2" {
		t.Errorf("back across the date line: %s", got)
	}
}

func BenchmarkGallery(b *testing.B) {
	for b.Loop() {
		render(b, texts.Korean, Gallery())
	}
}
