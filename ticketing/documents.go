package ticketing

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/url"
	texttemplate "text/template"

	"pigonair/ticketing/internal/truetype"
)

// ErrConfig says that documents were configured without something they need.
var ErrConfig = errors.New("ticketing: incomplete configuration")

//go:embed fonts/Pretendard-Regular.ttf
var regularFont []byte

//go:embed fonts/Pretendard-Bold.ttf
var boldFont []byte

//go:embed templates
var templateFiles embed.FS

// Config is what all documents of one site have in common.
type Config struct {
	Airline Text    // the name in the head of every document
	Seller  Text    // one line about the seller for the foot; may be empty
	BaseURL string  // public address of the site; its host names calendar entries
	Signer  *Signer // signs the bar codes
}

// Documents makes tickets, calendar files and mails. It reads fonts, words and
// templates once and may be used by several goroutines.
type Documents struct {
	config Config
	host   string
	fonts  [2]*truetype.Font // regular, bold
	words  map[Lang]words
	html   *template.Template
	text   *texttemplate.Template
}

// NewDocuments reads what documents are made from. Its errors are ErrConfig for
// an incomplete configuration and ErrWords for a broken catalogue.
func NewDocuments(c Config) (*Documents, error) {
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Hostname() == "" || c.Signer == nil || c.Airline == (Text{}) {
		return nil, fmt.Errorf("%w: airline, base URL and signer are needed", ErrConfig)
	}
	d := &Documents{config: c, host: base.Hostname(), words: map[Lang]words{}}
	for _, lang := range []Lang{Korean, English} {
		if d.words[lang], err = loadWords(lang); err != nil {
			return nil, err
		}
	}
	for i, font := range [][]byte{regularFont, boldFont} {
		if d.fonts[i], err = truetype.Parse(font); err != nil {
			return nil, err
		}
	}
	if d.html, err = template.ParseFS(templateFiles, "templates/letter.html.tmpl"); err != nil {
		return nil, err
	}
	d.text, err = texttemplate.ParseFS(templateFiles, "templates/letter.txt.tmpl")
	return d, err
}

func (d *Documents) voice(lang Lang) *voice {
	if lang != English {
		lang = Korean
	}
	return &voice{lang: lang, words: d.words[lang]}
}
