package members

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"

	"pigonair/db"
)

// SignUpForm is what somebody types to become a member.
type SignUpForm struct {
	Email, Password, Name string
	Language              string // ko or en
	Terms, Marketing      bool
	From                  netip.Addr
}

// Check tells what is wrong with the form; nothing when it is empty.
func (f SignUpForm) Check() Faults {
	faults := Faults{}
	email, fault := ParseEmail(f.Email)
	faults.add(FieldEmail, fault)
	_, fault = ParseName(f.Name)
	faults.add(FieldName, fault)
	faults.add(FieldPassword, CheckPassword(f.Password, email))
	if !f.Terms {
		faults.add(FieldTerms, Missing)
	}
	return faults
}

// SignUp makes an account whose address is still to be verified, and has the link mailed.
//
// It never tells whether an address is known: a member with that address gets a mail instead, and an account
// that was never verified is begun anew with the password just given, its older links void. All three ways
// do the same work. Errors: Faults, ErrBusy, ErrThrottled, ErrAway.
func (s *Service) SignUp(ctx context.Context, f SignUpForm) error {
	if err := f.Check().err(); err != nil {
		return err
	}
	if err := s.budget(ctx, "signup", f.From); err != nil {
		return err
	}
	hash, err := s.hash(ctx, f.Password)
	if err != nil {
		return err
	}
	a, err := s.newApplication(ctx, f, hash)
	if err != nil {
		return fmt.Errorf("members.SignUp: %w", err)
	}
	err = s.apply(ctx, a)
	if db.IsDuplicate(err) { // the same address at the same moment: now it is known
		err = s.apply(ctx, a)
	}
	if err != nil {
		return fmt.Errorf("members.SignUp: %w", err)
	}
	return nil
}

// application is a checked sign-up with its ids.
type application struct {
	memberID, messageID  int64
	email                Email
	name, hash, language string
	marketing            string
	limited              bool
}

func (s *Service) newApplication(ctx context.Context, f SignUpForm, hash string) (application, error) {
	a := application{hash: hash, language: language(f.Language), limited: !s.unlimited(f.From)}
	a.email, _ = ParseEmail(f.Email) // checked by the caller, as is the name
	a.name, _ = ParseName(f.Name)
	if f.Marketing {
		a.marketing = MarketingVersion
	}
	var err error
	if a.memberID, err = s.ids.Next(ctx, db.MemberIDs); err != nil {
		return a, err
	}
	a.messageID, err = s.ids.Next(ctx, db.OutboxIDs)
	return a, err
}

// apply is a sign-up's transaction. READ COMMITTED: what is read is locked, and UNIQUE stands behind it.
func (s *Service) apply(ctx context.Context, a application) error {
	return db.Transact(ctx, s.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		known, err := tx.MemberLockByEmail(ctx, a.email.Key)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			if err := tx.MemberInsert(ctx, a.row()); err != nil {
				return err
			}
			return s.mailLink(ctx, tx, a.memberID, a.messageID, MailVerify, a.limited)
		case err != nil:
			return err
		case known.VerifiedAt.Valid:
			return s.mailLink(ctx, tx, known.ID, a.messageID, MailKnown, a.limited)
		}
		return s.applyAgain(ctx, tx, known.ID, a)
	})
}

// applyAgain begins an unverified account anew: whoever opens the newest mail gets the account with the
// newest password, never with that of somebody who used the address before.
func (s *Service) applyAgain(ctx context.Context, tx *db.Tx, memberID int64, a application) error {
	if err := tx.MemberReplaceUnverified(ctx, db.MemberReplaceUnverifiedParams{
		ID: memberID, Email: a.email.Shown, PasswordHash: a.hash, Name: a.name, Language: a.language,
		TermsVersion: TermsVersion, MarketingVersion: a.marketing,
	}); err != nil {
		return err
	}
	if err := tx.MemberTokensRetire(ctx, memberID, purposeVerify); err != nil {
		return err
	}
	return s.mailLink(ctx, tx, memberID, a.messageID, MailVerify, a.limited)
}

func (a application) row() db.MemberInsertParams {
	return db.MemberInsertParams{
		ID: a.memberID, Email: a.email.Shown, EmailKey: a.email.Key, PasswordHash: a.hash, Name: a.name,
		Role: RoleCustomer, Language: a.language, TermsVersion: TermsVersion, MarketingVersion: a.marketing,
	}
}

// mailLink makes a link and asks for its mail; it does neither when the member has had enough of them.
func (s *Service) mailLink(ctx context.Context, tx *db.Tx, memberID, messageID int64, kind string, limited bool) error {
	purpose := purposeReset
	if kind == MailVerify {
		purpose = purposeVerify
	}
	link, err := s.writeLink(ctx, tx, memberID, purpose, limited)
	if err != nil || link == "" {
		return err
	}
	return post(ctx, tx, messageID, kind, link)
}

// language is one that we speak: Korean unless English was asked for.
func language(asked string) string {
	if asked == "en" {
		return "en"
	}
	return "ko"
}
