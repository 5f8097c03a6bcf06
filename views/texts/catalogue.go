package texts

import (
	"embed"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
)

// ErrCatalogue says that an embedded catalogue cannot be used: a file that is
// no TOML, a key that stands twice, or a placeholder that is not understood.
var ErrCatalogue = errors.New("texts: broken catalogue")

//go:embed *.toml
var files embed.FS

// Catalogue is every text in every language. It is safe for concurrent use.
type Catalogue struct {
	locales map[string]*locale
}

var embedded = sync.OnceValues(load)

// New returns the embedded catalogues; they are read once. Call it at start,
// so that a broken catalogue (ErrCatalogue) stops the program and not a page.
func New() (*Catalogue, error) { return embedded() }

// locale is one language, its messages made ready for use.
type locale struct {
	code      string
	messages  map[string]message
	localizer *i18n.Localizer
	weekdays  []string
	months    []string
}

// message is a text in one of three forms, cheapest first: plain; with
// placeholders; with plural forms, which go-i18n chooses among.
type message struct {
	plain  string
	filled pattern
	plural bool
}

func load() (*Catalogue, error) {
	bundle := i18n.NewBundle(language.Korean)
	c := &Catalogue{locales: map[string]*locale{}}
	for _, lang := range Languages() {
		l, err := loadLocale(bundle, lang)
		if err != nil {
			return nil, err
		}
		c.locales[lang] = l
	}
	return c, nil
}

func loadLocale(bundle *i18n.Bundle, lang string) (*locale, error) {
	l := &locale{code: lang, messages: map[string]message{}, localizer: i18n.NewLocalizer(bundle, lang)}
	names, err := files.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCatalogue, err)
	}
	for _, f := range names {
		if !strings.HasPrefix(f.Name(), lang+".") {
			continue
		}
		if err := l.addFile(bundle, f.Name()); err != nil {
			return nil, err
		}
	}
	l.weekdays = strings.Split(l.text("format.weekdays", nil), ",")
	l.months = strings.Split(l.text("format.months", nil), ",")
	if len(l.weekdays) != 7 || len(l.months) != 12 {
		return nil, fmt.Errorf("%w: %s: names of weekdays or months", ErrCatalogue, lang)
	}
	return l, nil
}

func (l *locale) addFile(bundle *i18n.Bundle, name string) error {
	raw, err := files.ReadFile(path.Clean(name))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCatalogue, err)
	}
	messages, err := i18n.ParseMessageBytes(raw, toml.Unmarshal)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrCatalogue, name, err)
	}
	for _, m := range messages {
		if _, twice := l.messages[m.ID]; twice {
			return fmt.Errorf("%w: %s: %s stands twice", ErrCatalogue, name, m.ID)
		}
		ready, err := prepare(m)
		if err != nil {
			return fmt.Errorf("%w: %s: %s: %w", ErrCatalogue, name, m.ID, err)
		}
		l.messages[m.ID] = ready
	}
	return bundle.AddMessages(language.Make(l.code), messages...)
}

func prepare(m *i18n.Message) (message, error) {
	if m.Zero+m.One+m.Two+m.Few+m.Many != "" {
		return message{plural: true}, nil
	}
	p, err := compile(m.Other)
	if err != nil {
		return message{}, err
	}
	if p.plain() {
		return message{plain: m.Other}, nil
	}
	return message{filled: p}, nil
}

func (l *locale) text(key string, pairs []any) string {
	m, ok := l.messages[key]
	switch {
	case !ok:
		return key
	case m.plural:
		return l.pluralText(key, pairs)
	case m.filled != nil:
		return m.filled.fill(pairs)
	}
	return m.plain
}

func (l *locale) pluralText(key string, pairs []any) string {
	s, err := l.localizer.Localize(&i18n.LocalizeConfig{
		MessageID:      key,
		TemplateData:   pairs,
		PluralCount:    count(pairs),
		TemplateParser: parser{},
	})
	if err != nil {
		return key
	}
	return s
}

// count is the number that chooses the plural form, 0 without one.
func count(pairs []any) any {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == "count" {
			return pairs[i+1]
		}
	}
	return 0
}

// parser lets go-i18n fill plural forms with the patterns of this package.
type parser struct{}

func (parser) Cacheable() bool { return true }

func (parser) Parse(src, _, _ string) (template.ParsedTemplate, error) { return compile(src) }
