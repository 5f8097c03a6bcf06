package mailbox

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jhillyerd/enmime/v2"
)

// Message is a mail as GET /messages.json gives it.
type Message struct {
	ID          string       `json:"id"`
	To          string       `json:"to"` // as given to the SMTP server; several are separated by ", "
	From        string       `json:"from"`
	Subject     string       `json:"subject"`
	Text        string       `json:"text"`
	HTML        string       `json:"html"`
	MessageID   string       `json:"message_id"` // without angle brackets
	ReceivedAt  time.Time    `json:"received_at"`
	Attachments []Attachment `json:"attachments"`
}

// Attachment is a file that came with a mail.
type Attachment struct {
	Name    string `json:"name"`
	Type    string `json:"type"` // media type without parameters
	Size    int    `json:"size"` // bytes
	Number  int    `json:"-"`    // from 1, within its mail
	content []byte
}

// KB is the size in kilobytes, at least 1, for people.
func (a Attachment) KB() int { return (a.Size + 1023) / 1024 }

// open reads a mail from the store and takes it apart.
func (m *Mailbox) open(e *entry) (Message, error) {
	raw, err := m.store.read(e)
	if err != nil {
		return Message{}, err
	}
	out := Message{
		ID: strconv.FormatInt(e.ID, 10), To: strings.Join(e.To, ", "), From: e.From, Subject: e.Subject,
		MessageID: e.MessageID, ReceivedAt: e.ReceivedAt, Attachments: []Attachment{},
	}
	envelope, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		// Not a mail as the standards have it: shown as it came.
		out.Text = strings.ToValidUTF8(string(raw), "\uFFFD")
		return out, nil
	}
	out.Text, out.HTML = strings.ReplaceAll(envelope.Text, "\r\n", "\n"), envelope.HTML
	for _, parts := range [][]*enmime.Part{envelope.Attachments, envelope.Inlines, envelope.OtherParts} {
		for _, p := range parts {
			out.Attachments = append(out.Attachments, attachment(p, len(out.Attachments)+1))
		}
	}
	return out, nil
}

func attachment(p *enmime.Part, number int) Attachment {
	name := printable(p.FileName)
	if name == "" {
		name = fmt.Sprintf("part-%d", number)
	}
	return Attachment{Number: number, Name: name, Type: p.ContentType, Size: len(p.Content), content: p.Content}
}

// textPart is a stretch of plain text, or an address in it.
type textPart struct {
	Text string
	Link bool
}

var addressPattern = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:!?)\]}]`)

// linked cuts text at the web addresses in it.
func linked(text string) []textPart {
	var parts []textPart
	from := 0
	for _, at := range addressPattern.FindAllStringIndex(text, -1) {
		if at[0] > from {
			parts = append(parts, textPart{Text: text[from:at[0]]})
		}
		parts = append(parts, textPart{Text: text[at[0]:at[1]], Link: true})
		from = at[1]
	}
	if from < len(text) {
		parts = append(parts, textPart{Text: text[from:]})
	}
	return parts
}
