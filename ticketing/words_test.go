package ticketing

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func catalogues(t *testing.T) map[Lang]words {
	t.Helper()
	out := map[Lang]words{}
	for _, lang := range []Lang{Korean, English} {
		w, err := loadWords(lang)
		if err != nil {
			t.Fatal(err)
		}
		out[lang] = w
	}
	return out
}

func TestBothLanguagesHaveTheSameWords(t *testing.T) {
	t.Parallel()
	c := catalogues(t)
	holes := regexp.MustCompile(`\{\{\.\w+\}\}`)
	for key, text := range c[Korean] {
		other, ok := c[English][key]
		if !ok {
			t.Errorf("%s is missing in English", key)
			continue
		}
		ko, en := holes.FindAllString(text, -1), holes.FindAllString(other, -1)
		slices.Sort(ko)
		slices.Sort(en)
		if !slices.Equal(ko, en) {
			t.Errorf("%s: placeholders %v and %v", key, ko, en)
		}
	}
	for key := range c[English] {
		if _, ok := c[Korean][key]; !ok {
			t.Errorf("%s is missing in Korean", key)
		}
	}
}

// Every key stands in the code, whole or as the beginning of a computed one.
func TestNoWordIsUnused(t *testing.T) {
	t.Parallel()
	var code strings.Builder
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		code.WriteString(strings.ReplaceAll(string(raw), "key+", "key + "))
	}
	computed := map[string]string{
		"ticket.adult": `"ticket." +`, "ticket.child": `"ticket." +`, "ticket.infant": `"ticket." +`,
		"mail.cancel.lead_customer": `"mail.cancel.lead_" +`, "mail.cancel.lead_airline": `"mail.cancel.lead_" +`,
		"mail.cancel.lead_late": `"mail.cancel.lead_" +`,
	}
	for _, kind := range []AccountKind{AccountVerify, AccountKnown, AccountReset, AccountChanged} {
		for _, part := range []string{"subject", "heading", "lead", "button", "note"} {
			computed["mail."+string(kind)+"."+part] = `key + ".` + part
		}
	}
	for _, key := range slices.Sorted(maps.Keys(catalogues(t)[Korean])) {
		if !strings.Contains(code.String(), `"`+key+`"`) && (computed[key] == "" || !strings.Contains(code.String(), computed[key])) {
			t.Errorf("%s is never said", key)
		}
	}
}

func TestWhatCannotBeSaidIsAnError(t *testing.T) {
	t.Parallel()
	ticket := domestic(t)
	ticket.Passengers[0].Kind = "ghost"
	d := newDocuments(t)
	if _, err := d.TicketPDF(Korean, ticket, links()); !errors.Is(err, ErrWords) {
		t.Errorf("PDF: %v", err)
	}
	if _, err := d.TicketMail(Korean, ticket, links()); !errors.Is(err, ErrWords) {
		t.Errorf("mail: %v", err)
	}
}

func TestDocumentsNeedTheirConfiguration(t *testing.T) {
	t.Parallel()
	good := newDocuments(t).config
	for what, spoil := range map[string]func(*Config){
		"no airline": func(c *Config) { c.Airline = Text{} },
		"no address": func(c *Config) { c.BaseURL = "/bookings" },
		"no signer":  func(c *Config) { c.Signer = nil },
	} {
		bad := good
		spoil(&bad)
		if _, err := NewDocuments(bad); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
