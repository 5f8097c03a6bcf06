package members

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"pigonair/db"
	"pigonair/outbox"
)

// Kinds of the messages that this package leaves in the outbox; each asks for one mail, whose particulars
// Mail returns.
const (
	// MailVerify carries the link that verifies a new account's address.
	MailVerify = "mail.verify"
	// MailKnown goes to a member whose address was used to sign up again, with a link to a new password.
	MailKnown = "mail.known"
	// MailReset carries the link to a new password.
	MailReset = "mail.reset"
	// MailChanged tells that the password has been changed.
	MailChanged = "mail.changed"
)

// Mail is what a mail about an account needs to be written.
type Mail struct {
	Kind     string
	To       string
	Name     string
	Language string
	Path     string        // the link without scheme and host; for MailChanged the way to a reset
	Life     time.Duration // how long the link is good from its making on; 0 for MailChanged
}

// Mail returns the particulars of the mail that an outbox message of kind asks for. The link's token is made
// here, at the last moment, and stands nowhere else. Errors: ErrLink and ErrLinkExpired, when the link can no
// longer be used and the mail has no point any more; ErrUnknown.
func (s *Service) Mail(ctx context.Context, kind, subjectID string) (Mail, error) {
	if kind == MailChanged {
		return s.changedMail(ctx, subjectID)
	}
	id, err := hex.DecodeString(subjectID)
	if err != nil || len(id) != linkIDSize {
		return Mail{}, fmt.Errorf("members.Mail(%s): %w", kind, ErrLink)
	}
	row, err := db.New(s.pool).MemberTokenForMail(ctx, id)
	if errors.Is(err, sql.ErrNoRows) {
		return Mail{}, fmt.Errorf("members.Mail(%s): %w", kind, ErrLink)
	}
	if err != nil {
		return Mail{}, fmt.Errorf("members.Mail(%s): %w", kind, err)
	}
	if err := usable(db.MemberTokenByHashRow{Used: row.Used, Expired: row.Expired}); err != nil {
		return Mail{}, fmt.Errorf("members.Mail(%s): %w", kind, err)
	}
	token, ok := s.rebuild(row.Purpose, row.ID, row.TokenHash)
	if !ok {
		return Mail{}, fmt.Errorf("members.Mail(%s): key gone: %w", kind, ErrLink)
	}
	m := Mail{Kind: kind, To: row.Email, Name: row.Name, Language: row.Language}
	m.Path, m.Life = linkPath(row.Purpose, token)
	return m, nil
}

// linkPath is where a link leads, and how long it is good.
func linkPath(purpose, token string) (string, time.Duration) {
	query := "?token=" + url.QueryEscape(token)
	if purpose == purposeReset {
		return "/password/reset" + query, ResetLife
	}
	return "/verify-email" + query, VerifyLife
}

func (s *Service) changedMail(ctx context.Context, subjectID string) (Mail, error) {
	id, err := strconv.ParseInt(subjectID, 10, 64)
	if err != nil {
		return Mail{}, fmt.Errorf("members.Mail(%s): %w", MailChanged, ErrUnknown)
	}
	m, err := s.load(ctx, id)
	if err != nil {
		return Mail{}, err
	}
	return Mail{Kind: MailChanged, To: m.Email, Name: m.Name, Language: m.Language, Path: "/password/reset"}, nil
}

// post leaves a message in the outbox, in the caller's transaction.
func post(ctx context.Context, tx *db.Tx, id int64, kind, subjectID string) error {
	return outbox.Write(ctx, tx.Queries, id, outbox.Message{Lane: outbox.LaneAccount, Kind: kind, SubjectID: subjectID})
}
