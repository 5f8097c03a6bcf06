// Package mail sends mails over SMTP and says of each failure whether trying
// again can help.
package mail

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	netmail "net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

// Errors of this package. Every other error of Send is temporary: the same
// message may be sent again later, under the same Message-ID.
var (
	// ErrPermanent says that the server refused this message for good, or that
	// it cannot be written at all: sending it again is useless.
	ErrPermanent = errors.New("mail: refused for good")
	// ErrConfig says that a sender was configured with something unusable.
	ErrConfig = errors.New("mail: bad configuration")
	// ErrClosed says that the sender was closed.
	ErrClosed = errors.New("mail: sender is closed")
)

// Message is one mail to one person.
type Message struct {
	To          string // an address alone: name@host
	Subject     string
	Text        string
	HTML        string // may be empty
	MessageID   string // name@host without angle brackets; the same at every try
	Lang        string // language of the words, such as ko; may be empty
	Attachments []Attachment
}

// Attachment is a file that goes with a mail.
type Attachment struct {
	Name    string
	Type    string // media type, such as application/pdf
	Content []byte
}

var messageID = regexp.MustCompile(`^[A-Za-z0-9._=+/-]{1,200}@[A-Za-z0-9.-]{1,200}$`)

// build writes a message. Its errors are permanent: whatever could begin a
// header of its own is refused, never repaired.
func build(m Message, from *netmail.Address, at time.Time) (*gomail.Msg, error) {
	to, err := netmail.ParseAddress(m.To)
	if err != nil || to.Name != "" || hasControls(m.To) {
		return nil, fmt.Errorf("%w: the recipient is no address", ErrPermanent)
	}
	for what, value := range map[string]string{"subject": m.Subject, "language": m.Lang} {
		if hasControls(value) {
			return nil, fmt.Errorf("%w: control characters in the %s", ErrPermanent, what)
		}
	}
	if !messageID.MatchString(m.MessageID) {
		return nil, fmt.Errorf("%w: bad Message-ID", ErrPermanent)
	}
	out := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	out.FromMailAddress(from)
	out.ToMailAddress(to)
	out.Subject(m.Subject)
	out.SetDateWithValue(at)
	out.SetMessageIDWithValue(m.MessageID)
	out.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Lang != "" {
		out.SetGenHeader("Content-Language", m.Lang)
	}
	out.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		out.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	for _, a := range m.Attachments {
		if err := attach(out, a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func attach(out *gomail.Msg, a Attachment) error {
	kind, parameters, err := mime.ParseMediaType(a.Type)
	if err != nil || hasControls(a.Type) || a.Name == "" || hasControls(a.Name) || strings.ContainsAny(a.Name, `"\/`) {
		return fmt.Errorf("%w: bad name or type of an attachment", ErrPermanent)
	}
	media := gomail.ContentType(mime.FormatMediaType(kind, parameters))
	if err := out.AttachReader(a.Name, bytes.NewReader(a.Content), gomail.WithFileContentType(media)); err != nil {
		return fmt.Errorf("%w: attachment: %w", ErrPermanent, err)
	}
	return nil
}

func hasControls(s string) bool { return strings.ContainsFunc(s, unicode.IsControl) }
