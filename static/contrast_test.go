package static

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// pairs are the colours that stand upon each other. Words need 4.5 : 1, large
// words and the edges of controls 3 : 1 (WCAG 2.2, 1.4.3 and 1.4.11).
var pairs = []struct {
	front, ground string
	least         float64
}{
	{"ink", "paper", 4.5}, {"ink", "surface", 4.5}, {"ink", "sunken", 4.5},
	{"soft", "paper", 4.5}, {"soft", "surface", 4.5}, {"soft", "sunken", 4.5},
	{"faint", "paper", 4.5}, {"faint", "surface", 4.5}, {"faint", "sunken", 4.5}, {"faint", "brand-tint", 4.5},
	{"soft", "brand-tint", 4.5}, {"ink", "brand-tint", 4.5},
	{"brand", "paper", 4.5}, {"brand", "surface", 4.5}, {"brand", "brand-tint", 4.5},
	{"on-brand", "brand", 4.5}, {"on-brand", "brand-press", 4.5},
	{"coral", "paper", 4.5}, {"coral", "surface", 4.5}, {"coral", "coral-tint", 4.5}, {"ink", "coral-tint", 4.5},
	{"good", "paper", 4.5}, {"good", "surface", 4.5}, {"good", "good-tint", 4.5}, {"ink", "good-tint", 4.5},
	{"warn", "surface", 4.5}, {"warn", "warn-tint", 4.5}, {"ink", "warn-tint", 4.5},
	{"paper", "ink", 4.5},
	{"on-deep", "deep", 4.5}, {"on-deep", "deep-green", 4.5}, {"on-deep", "deep-blue", 4.5}, {"on-deep", "deep-violet", 4.5},
	{"edge", "surface", 3}, {"edge", "paper", 3},
	{"neck-green", "surface", 3}, {"neck-blue", "surface", 3}, {"neck-violet", "surface", 3},
}

func TestContrast(t *testing.T) {
	_, css := read("css/tokens.css")
	light, dark, ok := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("no dark scheme")
	}
	tokens := colours(light)
	check(t, "light", tokens)
	for name, value := range colours(dark) {
		tokens[name] = value
	}
	check(t, "dark", tokens)
}

func check(t *testing.T, scheme string, tokens map[string]string) {
	t.Helper()
	for _, p := range pairs {
		front, ground := tokens[p.front], tokens[p.ground]
		if front == "" || ground == "" {
			t.Errorf("%s: %s or %s is no colour", scheme, p.front, p.ground)
			continue
		}
		if got := contrast(front, ground); got < p.least {
			t.Errorf("%s: %s on %s is %.2f : 1, want %.1f", scheme, p.front, p.ground, got, p.least)
		}
	}
}

func colours(css string) map[string]string {
	found := map[string]string{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(css, -1) {
		found[m[1]] = m[2]
	}
	return found
}

// contrast is the contrast ratio of WCAG 2.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + .05) / (math.Min(x, y) + .05)
}

func luminance(colour string) float64 {
	sum := 0.
	for i, weight := range []float64{.2126, .7152, .0722} {
		// The pattern above lets nothing through that is no number.
		n, _ := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		c := float64(n) / 255
		if c <= .04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
