// Package texts holds every sentence that people read, in Korean and in
// English, and the formats of money, dates and times. The catalogues are the
// files {ko,en}.{area}.toml beside this one.
package texts

import (
	"context"
	"fmt"
)

// Languages that have a catalogue.
const (
	Korean  = "ko"
	English = "en"
)

// Languages lists every language that has a catalogue, the default first.
func Languages() []string { return []string{Korean, English} }

type contextKey struct{}

// WithLang returns a context in which T and the formats speak lang. A language
// without a catalogue leaves the context as it was.
func (c *Catalogue) WithLang(ctx context.Context, lang string) context.Context {
	l, ok := c.locales[lang]
	if !ok {
		return ctx
	}
	return context.WithValue(ctx, contextKey{}, l)
}

// WithLang is Catalogue.WithLang of the embedded catalogues.
func WithLang(ctx context.Context, lang string) context.Context {
	c, err := New()
	if err != nil {
		return ctx
	}
	return c.WithLang(ctx, lang)
}

// Lang is the language that ctx speaks: Korean unless WithLang said otherwise.
func Lang(ctx context.Context) string { return from(ctx).code }

// T is the text of key. The rest are pairs of placeholder name and value:
// T(ctx, "seats.task", "count", 4). The value of count, an integer, also
// chooses the plural form and is written with separators; every other value
// stands as fmt prints it. A key that no catalogue knows comes back as it is.
func T(ctx context.Context, key string, pairs ...any) string {
	return from(ctx).text(key, pairs)
}

// Has reports whether the catalogues know key: for codes that arrive from
// elsewhere, such as a gateway's reason of refusal.
func Has(ctx context.Context, key string) bool {
	_, ok := from(ctx).messages[key]
	return ok
}

func from(ctx context.Context) *locale {
	if l, ok := ctx.Value(contextKey{}).(*locale); ok {
		return l
	}
	c, err := New()
	if err != nil {
		return &locale{code: Korean, weekdays: make([]string, 7), months: make([]string, 12)}
	}
	return c.locales[Korean]
}

// value finds a placeholder's value among pairs and writes it out.
func value(pairs []any, name string) (string, bool) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] != name {
			continue
		}
		switch v := pairs[i+1].(type) {
		case string:
			return v, true
		case int:
			if name == "count" {
				return grouped(int64(v)), true
			}
		case int64:
			if name == "count" {
				return grouped(v), true
			}
		}
		return fmt.Sprint(pairs[i+1]), true
	}
	return "", false
}
