// Package notices sends the mails that follow a commit: it turns a message of the outbox into the mail that it
// asks for. A mail leaves once, but for a process that dies between sending it and writing that down; then it leaves
// again under the same Message-ID.
package notices

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/etickets"
	"pigonair/internal/mail"
	"pigonair/members"
	"pigonair/outbox"
	"pigonair/ticketing"
)

// Sender sends one mail. Errors: mail.ErrPermanent where no further try helps.
type Sender interface {
	Send(ctx context.Context, m mail.Message) error
}

// Post turns messages into mails. Safe for concurrent use.
type Post struct {
	Pool    *sql.DB
	Booking *booking.Service
	Members *members.Service
	Tickets *etickets.Maker
	Sender  Sender
	BaseURL string
}

// Trip works on messages about bookings: ticket, cancellation, refund. It is an outbox.Effect.
func (p *Post) Trip(ctx context.Context, m outbox.Message) error {
	switch m.Kind {
	case outbox.KindTicketIssue:
		return p.byBooking(ctx, m, p.ticket)
	case outbox.KindMailCancelled:
		return p.byBooking(ctx, m, p.cancelled)
	case outbox.KindMailRefunded:
		return p.refunded(ctx, m)
	}
	return outbox.Permanent(fmt.Errorf("notices: unknown kind %q", m.Kind))
}

// byBooking reads the booking that a message is about.
func (p *Post) byBooking(ctx context.Context, m outbox.Message, make func(context.Context, booking.View) (mail.Message, error)) error {
	id, err := strconv.ParseInt(m.SubjectID, 10, 64)
	if err != nil {
		return outbox.Permanent(fmt.Errorf("notices: %s: bad subject", m.Kind))
	}
	return p.about(ctx, id, m, make)
}

// about sends the mail that a message asks for about a booking, unless it is known to have left already.
func (p *Post) about(ctx context.Context, id int64, m outbox.Message, make func(context.Context, booking.View) (mail.Message, error)) error {
	q, messageID := db.New(p.Pool), ticketing.MessageID(m.Kind, strconv.FormatInt(m.ID, 10), p.host())
	if sent, err := q.MailSentHas(ctx, messageID); err != nil || sent {
		return err
	}
	row, err := q.BookingGet(ctx, id)
	if errors.Is(err, sql.ErrNoRows) {
		return outbox.Permanent(fmt.Errorf("notices: %s: no booking %d", m.Kind, id))
	}
	if err != nil {
		return err
	}
	v, err := p.Booking.ByRef(ctx, row.Ref)
	if err != nil {
		return err
	}
	letter, err := make(ctx, v)
	if err != nil {
		return err
	}
	letter.MessageID = messageID
	if err := p.send(ctx, letter); err != nil {
		return err
	}
	return q.MailSentPut(ctx, db.MailSentPutParams{MessageID: messageID, BookingID: sql.NullInt64{Int64: id, Valid: true}, Kind: m.Kind})
}

func (p *Post) ticket(ctx context.Context, v booking.View) (mail.Message, error) {
	t, err := p.Tickets.Ticket(ctx, v)
	if err != nil {
		return mail.Message{}, err
	}
	lang, links := ticketing.Lang(v.Row.Language), p.Tickets.Links(v)
	text, err := p.Tickets.Documents.TicketMail(lang, t, links)
	if err != nil {
		return mail.Message{}, err
	}
	pdf, err := p.Tickets.Documents.TicketPDF(lang, t, links)
	if err != nil {
		return mail.Message{}, err
	}
	calendar, err := p.Tickets.Documents.Calendar(lang, t, links)
	if err != nil {
		return mail.Message{}, err
	}
	out := letter(v, text)
	out.Attachments = []mail.Attachment{{Name: "PigonAir-" + v.Row.Ref + ".pdf", Type: "application/pdf", Content: pdf},
		{Name: "PigonAir-" + v.Row.Ref + ".ics", Type: "text/calendar", Content: calendar}}
	return out, nil
}

func (p *Post) cancelled(ctx context.Context, v booking.View) (mail.Message, error) {
	t, err := p.Tickets.Ticket(ctx, v)
	if err != nil {
		return mail.Message{}, err
	}
	text, err := p.Tickets.Documents.CancellationMail(ticketing.Lang(v.Row.Language),
		ticketing.Cancellation{Cancelled: t, Fees: etickets.Fees(v), Reason: reason(v)}, p.Tickets.Links(v))
	return letter(v, text), err
}

// reason is the airline's where it cancelled a flight of the booking, whoever pressed the button then.
func reason(v booking.View) ticketing.Reason {
	for _, leg := range v.Legs {
		if leg.State != "scheduled" {
			return ticketing.ByAirline
		}
	}
	return ticketing.ByCustomer
}

// refunded tells that the money is on its way; the subject is the refund's id.
func (p *Post) refunded(ctx context.Context, m outbox.Message) error {
	q := db.New(p.Pool)
	r, err := q.RefundGet(ctx, m.SubjectID)
	if errors.Is(err, sql.ErrNoRows) {
		return outbox.Permanent(errors.New("notices: no such refund"))
	}
	if err != nil {
		return err
	}
	a, err := q.AttemptGet(ctx, r.AttemptID)
	if err != nil {
		return err
	}
	return p.about(ctx, a.BookingID, m, func(_ context.Context, v booking.View) (mail.Message, error) {
		text, err := p.Tickets.Documents.RefundMail(ticketing.Lang(v.Row.Language), v.Row.Ref, r.Amount, p.Tickets.Links(v))
		return letter(v, text), err
	})
}

func letter(v booking.View, m ticketing.Mail) mail.Message {
	return mail.Message{To: v.Row.ContactEmail, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Lang: v.Row.Language}
}

// Account works on messages about accounts: verification, password. It is an outbox.Effect. A link that can no
// longer be used needs no mail.
func (p *Post) Account(ctx context.Context, m outbox.Message) error {
	want, err := p.Members.Mail(ctx, m.Kind, m.SubjectID)
	if errors.Is(err, members.ErrLinkExpired) || errors.Is(err, members.ErrLink) || errors.Is(err, members.ErrUnknown) {
		return nil
	}
	if err != nil {
		return err
	}
	request := ticketing.AccountRequest{Link: p.BaseURL + want.Path}
	if want.Life > 0 {
		request.Until = m.CreatedAt.Add(want.Life).In(seoul)
	}
	text, err := p.accountMail(ticketing.Lang(want.Language), want.Kind, request)
	if err != nil {
		return err
	}
	return p.send(ctx, mail.Message{To: want.To, Subject: text.Subject, Text: text.Text, HTML: text.HTML, Lang: want.Language,
		MessageID: ticketing.MessageID(m.Kind, strconv.FormatInt(m.ID, 10), p.host())})
}

// seoul is the zone of times that belong to no airport.
var seoul = time.FixedZone("KST", 9*60*60)

func (p *Post) accountMail(lang ticketing.Lang, kind string, r ticketing.AccountRequest) (ticketing.Mail, error) {
	switch kind {
	case members.MailVerify:
		return p.Tickets.Documents.AccountMail(lang, ticketing.AccountVerify, r)
	case members.MailKnown:
		return p.Tickets.Documents.AccountMail(lang, ticketing.AccountKnown, r)
	case members.MailReset:
		return p.Tickets.Documents.AccountMail(lang, ticketing.AccountReset, r)
	case members.MailChanged:
		return p.Tickets.Documents.AccountMail(lang, ticketing.AccountChanged, r)
	}
	return ticketing.Mail{}, outbox.Permanent(fmt.Errorf("notices: unknown kind %q", kind))
}

// send maps a refusal for good to a dead letter.
func (p *Post) send(ctx context.Context, m mail.Message) error {
	err := p.Sender.Send(ctx, m)
	if errors.Is(err, mail.ErrPermanent) {
		return outbox.Permanent(err)
	}
	return err
}

func (p *Post) host() string {
	u, err := url.Parse(p.BaseURL)
	if err != nil || u.Hostname() == "" {
		return "pigonair.example"
	}
	return u.Hostname()
}
