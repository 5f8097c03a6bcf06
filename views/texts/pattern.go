package texts

import (
	"errors"
	"regexp"
	"strings"
	"unicode"
)

// pattern is a text with placeholders, cut at them.
type pattern []part

// part is a placeholder (without a name: none), the Korean particle that
// follows it if any, and the text up to the next placeholder.
type part struct {
	name     string
	particle *particle
	literal  string
}

// particle is a Korean particle whose form depends on the sound before it.
// The catalogue writes both forms, as in {{.city}}을(를).
type particle struct {
	written      string
	closed, open string // after a syllable with, without a final consonant
	rieulOpen    bool   // a final ㄹ counts as none
}

var (
	particles = []*particle{
		{written: "을(를)", closed: "을", open: "를"},
		{written: "이(가)", closed: "이", open: "가"},
		{written: "은(는)", closed: "은", open: "는"},
		{written: "과(와)", closed: "과", open: "와"},
		{written: "(으)로", closed: "으로", open: "로", rieulOpen: true},
		{written: "이(였)", closed: "이었", open: "였"},
	}
	placeholder = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)
	errBraces   = errors.New("braces that are no {{.placeholder}}")
)

func compile(src string) (pattern, error) {
	var p pattern
	name, from := "", 0
	for _, at := range placeholder.FindAllStringSubmatchIndex(src, -1) {
		p = append(p, newPart(name, src[from:at[0]]))
		name, from = src[at[2]:at[3]], at[1]
	}
	p = append(p, newPart(name, src[from:]))
	for _, part := range p {
		if strings.Contains(part.literal, "{{") || strings.Contains(part.literal, "}}") {
			return nil, errBraces
		}
	}
	return p, nil
}

func newPart(name, literal string) part {
	if name != "" {
		for _, pt := range particles {
			if rest, ok := strings.CutPrefix(literal, pt.written); ok {
				return part{name: name, particle: pt, literal: rest}
			}
		}
	}
	return part{name: name, literal: literal}
}

func (p pattern) plain() bool { return len(p) == 1 && p[0].name == "" }

// Execute fills the pattern with pairs, as go-i18n calls it.
func (p pattern) Execute(data any) (string, error) {
	pairs, _ := data.([]any)
	return p.fill(pairs), nil
}

// fill writes the pattern out. A placeholder without a value stays visible,
// as {{.name}}: better an odd sentence than a wrong one.
func (p pattern) fill(pairs []any) string {
	var b strings.Builder
	for _, part := range p {
		if part.name != "" {
			v, ok := value(pairs, part.name)
			if !ok {
				v = "{{." + part.name + "}}"
			}
			b.WriteString(v)
			if part.particle != nil {
				b.WriteString(part.particle.after(v))
			}
		}
		b.WriteString(part.literal)
	}
	return b.String()
}

// after chooses the form that follows word, by its last letter or digit as
// read aloud in Korean.
func (pt *particle) after(word string) string {
	closed, rieul := final(word)
	if closed && (!rieul || !pt.rieulOpen) {
		return pt.closed
	}
	return pt.open
}

// final reports whether word ends in a final consonant, and whether that is ㄹ.
func final(word string) (closed, rieul bool) {
	last := ' '
	for _, r := range word {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			last = unicode.ToUpper(r)
		}
	}
	if last >= '가' && last <= '힣' {
		const syllables, rieulIndex = 28, 8
		i := (last - '가') % syllables
		return i != 0, i == rieulIndex
	}
	return strings.ContainsRune("013678LMNR", last), strings.ContainsRune("178LR", last)
}
