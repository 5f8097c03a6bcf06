package members

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"pigonair/db"
)

// RequestReset has a link to a new password mailed, if the address is a member's. Neither its answer nor its
// time tells whether it is. Errors: Faults, ErrThrottled, ErrAway.
func (s *Service) RequestReset(ctx context.Context, typed string, from netip.Addr) error {
	email, fault := ParseEmail(typed)
	if fault != "" {
		return Faults{FieldEmail: fault}
	}
	if err := s.budget(ctx, "reset", from); err != nil {
		return err
	}
	floor := time.NewTimer(s.resetFloor)
	defer floor.Stop()
	err := s.requestReset(ctx, email, !s.unlimited(from))
	select {
	case <-floor.C:
	case <-ctx.Done():
	}
	if err != nil {
		return fmt.Errorf("members.RequestReset: %w", err)
	}
	return nil
}

func (s *Service) requestReset(ctx context.Context, email Email, limited bool) error {
	messageID, err := s.ids.Next(ctx, db.OutboxIDs)
	if err != nil {
		return err
	}
	// READ COMMITTED: the member's row is locked first.
	return db.Transact(ctx, s.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		m, err := tx.MemberLockByEmail(ctx, email.Key)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return s.mailLink(ctx, tx, m.ID, messageID, MailReset, limited)
	})
}

// CheckReset tells whether a reset link can still be used, without using it. Errors: ErrLink, ErrLinkExpired.
func (s *Service) CheckReset(ctx context.Context, token string) error {
	link, err := s.findLink(ctx, token, purposeReset)
	if err != nil {
		return err
	}
	return usable(link)
}

// ResetPassword sets a new password by a mailed link, which is used up. Every session of the member ends, all
// other reset links become void, and the address counts as verified: the mail has been read. Errors: Faults,
// ErrLink, ErrLinkExpired, ErrBusy.
func (s *Service) ResetPassword(ctx context.Context, token, password string) (Member, error) {
	link, err := s.findLink(ctx, token, purposeReset)
	if err != nil {
		return Member{}, err
	}
	if err := usable(link); err != nil {
		return Member{}, err
	}
	if err := s.checkNew(ctx, link.MemberID, password); err != nil {
		return Member{}, err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return Member{}, err
	}
	err = s.setPassword(ctx, link.MemberID, hash, func(ctx context.Context, tx *db.Tx) error {
		return useReset(ctx, tx, link)
	})
	if err != nil {
		return Member{}, fmt.Errorf("members.ResetPassword: %w", err)
	}
	return s.load(ctx, link.MemberID)
}

// useReset uses a reset link up, in the transaction that changes the password. Errors: ErrLink.
func useReset(ctx context.Context, tx *db.Tx, link db.MemberTokenByHashRow) error {
	used, err := tx.MemberTokenUse(ctx, link.ID)
	if err != nil {
		return err
	}
	if used == 0 {
		return ErrLink
	}
	if err := tx.MemberTokensRetire(ctx, link.MemberID, purposeReset); err != nil {
		return err
	}
	return tx.MemberVerify(ctx, link.MemberID)
}

// checkNew applies the rules for passwords to a member's new one. Errors: Faults, ErrUnknown.
func (s *Service) checkNew(ctx context.Context, memberID int64, password string) error {
	m, err := s.load(ctx, memberID)
	if err != nil {
		return err
	}
	email, _ := ParseEmail(m.Email)
	faults := Faults{}
	faults.add(FieldPassword, CheckPassword(password, email))
	return faults.err()
}

// setPassword is the transaction of every change of a password: first the caller's guard, then the change,
// the end of older sessions, and the mail about it.
func (s *Service) setPassword(ctx context.Context, memberID int64, hash string, guard func(context.Context, *db.Tx) error) error {
	messageID, err := s.ids.Next(ctx, db.OutboxIDs)
	if err != nil {
		return err
	}
	// READ COMMITTED: the member's row is locked first, the guard updates under conditions.
	err = db.Transact(ctx, s.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.MemberLock(ctx, memberID); err != nil {
			return known(err)
		}
		if err := guard(ctx, tx); err != nil {
			return err
		}
		if err := tx.MemberSetPassword(ctx, hash, memberID); err != nil {
			return err
		}
		return post(ctx, tx, messageID, MailChanged, strconv.FormatInt(memberID, 10))
	})
	s.cache.drop(memberID)
	return err
}

// known turns a missing row into ErrUnknown.
func known(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrUnknown
	}
	return err
}
