package mail

import (
	"bytes"
	"errors"
	netmail "net/mail"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// ours are all the headers that a mail may have.
var ours = []string{
	"Auto-Submitted", "Content-Language", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To",
}

// write builds a message and returns its header as a reader sees it.
func write(m Message) (netmail.Header, error) {
	msg, err := build(m, &netmail.Address{Address: "no-reply@pigonair.test"}, time.Unix(0, 0))
	if err != nil {
		return nil, err
	}
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		return nil, err
	}
	parsed, err := netmail.ReadMessage(&raw)
	if err != nil {
		return nil, err
	}
	return parsed.Header, nil
}

func checkHeader(t interface{ Fatalf(string, ...any) }, m Message) {
	header, err := write(m)
	if errors.Is(err, ErrPermanent) {
		return
	}
	if err != nil {
		t.Fatalf("%+v: %v", m, err)
	}
	for name, values := range header {
		if !slices.Contains(ours, name) || len(values) != 1 {
			t.Fatalf("%+v: header %s: %q", m, name, values)
		}
	}
	to, err := header.AddressList("To")
	if err != nil || len(to) != 1 {
		t.Fatalf("%+v: goes to %v, %v", m, to, err)
	}
}

func TestNothingBeginsAHeaderOfItsOwn(t *testing.T) {
	t.Parallel()
	evil := []string{"a\r\nBcc: x@y.z", "a\nBcc: x@y.z", "a\rBcc: x@y.z", "a\x00", "\r\n\r\nbody", "a\u0085b"}
	for _, e := range evil {
		for name, m := range map[string]Message{
			"to": {To: e, Subject: "s", MessageID: "a@b"}, "address": {To: "x@y.z" + e, Subject: "s", MessageID: "a@b"},
			"subject": {To: "x@y.z", Subject: e, MessageID: "a@b"}, "id": {To: "x@y.z", Subject: "s", MessageID: e + "@b"},
			"lang":        {To: "x@y.z", Subject: "s", MessageID: "a@b", Lang: e},
			"file's name": {To: "x@y.z", Subject: "s", MessageID: "a@b", Attachments: []Attachment{{Name: e, Type: "text/plain"}}},
			"file's type": {To: "x@y.z", Subject: "s", MessageID: "a@b", Attachments: []Attachment{{Name: "a", Type: "text/plain" + e}}},
		} {
			if _, err := write(m); !errors.Is(err, ErrPermanent) {
				t.Errorf("%s %q: %v", name, e, err)
			}
		}
	}
	for _, to := range []string{"", "nobody", "x@y.z, b@c.d", "X <x@y.z>", "x@y.z>", "<x@y.z"} {
		if _, err := write(Message{To: to, Subject: "s", MessageID: "a@b"}); !errors.Is(err, ErrPermanent) {
			t.Errorf("to %q: %v", to, err)
		}
	}
}

func TestAnyTextKeepsTheHeader(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z@.<>",;:\r\n =?가]{0,60}`))
	rapid.Check(t, func(t *rapid.T) {
		m := Message{To: "x@y.z", Subject: text.Draw(t, "subject"), MessageID: "a@b", Text: text.Draw(t, "text"), HTML: text.Draw(t, "html")}
		if rapid.Bool().Draw(t, "odd") {
			m.To, m.MessageID, m.Lang = text.Draw(t, "to"), text.Draw(t, "id"), text.Draw(t, "lang")
		}
		m.Attachments = []Attachment{{Name: "a" + text.Draw(t, "name"), Type: "text/plain", Content: []byte(text.Draw(t, "content"))}}
		checkHeader(t, m)
	})
}

func FuzzBuild(f *testing.F) {
	f.Add("x@y.z", "subject", "a@b", "ko", "file")
	f.Add("x@y.z\r\nBcc: b@c.d", "s\nX: y", "a@b\r\n", "ko\r", "f\"")
	f.Fuzz(func(t *testing.T, to, subject, id, lang, file string) {
		checkHeader(t, Message{To: to, Subject: subject, MessageID: id, Lang: lang, Attachments: []Attachment{{Name: file, Type: "text/plain"}}})
	})
}
