package ticketing

import (
	"embed"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/BurntSushi/toml"
)

// ErrWords says that an embedded catalogue of words cannot be used, or that a
// document asked it for something that it does not have.
var ErrWords = errors.New("ticketing: broken catalogue")

//go:embed words/*.toml
var wordFiles embed.FS

// words is a catalogue by dotted key, such as mail.ticket.subject.
type words map[string]string

func loadWords(lang Lang) (words, error) {
	name := path.Join("words", string(lang)+".toml")
	raw, err := wordFiles.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWords, err)
	}
	var tree map[string]any
	if err := toml.Unmarshal(raw, &tree); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrWords, name, err)
	}
	w := words{}
	w.flatten("", tree)
	return w, nil
}

func (w words) flatten(prefix string, tree map[string]any) {
	for key, value := range tree {
		switch v := value.(type) {
		case map[string]any:
			w.flatten(prefix+key+".", v)
		case string:
			w[prefix+key] = v
		}
	}
}

// voice says things in one language and remembers the first thing that it could
// not say, so that a document is built without a check at every word.
type voice struct {
	lang  Lang
	words words
	err   error
}

// say is the text under key with its placeholders filled from pairs of name and
// value.
func (v *voice) say(key string, pairs ...string) string {
	text, ok := v.words[key]
	if !ok {
		v.fail(key)
		return key
	}
	if len(pairs) == 0 && !strings.Contains(text, "{{") {
		return text
	}
	replace := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		replace = append(replace, "{{."+pairs[i]+"}}", pairs[i+1])
	}
	return strings.NewReplacer(replace...).Replace(text)
}

func (v *voice) fail(key string) {
	if v.err == nil {
		v.err = fmt.Errorf("%w: no %s in %s", ErrWords, key, v.lang)
	}
}
