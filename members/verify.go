package members

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"

	"pigonair/db"
)

// VerifyEmail verifies the address to which the token was mailed. Opening the link again, as mail programs
// and their scanners do, succeeds without changing anything. Errors: ErrLink, ErrLinkExpired.
func (s *Service) VerifyEmail(ctx context.Context, token string) (Member, error) {
	link, err := s.findLink(ctx, token, purposeVerify)
	if err != nil {
		return Member{}, err
	}
	if err := usable(link); err != nil {
		return s.alreadyVerified(ctx, link, err)
	}
	// READ COMMITTED: the member's row is locked first, so that no sign-up replaces the password meanwhile.
	err = db.Transact(ctx, s.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.MemberLock(ctx, link.MemberID); err != nil {
			return known(err)
		}
		if used, err := tx.MemberTokenUse(ctx, link.ID); err != nil || used == 0 {
			return err
		}
		return tx.MemberVerify(ctx, link.MemberID)
	})
	if err != nil {
		return Member{}, fmt.Errorf("members.VerifyEmail: %w", err)
	}
	s.cache.drop(link.MemberID)
	return s.alreadyVerified(ctx, link, ErrLink)
}

// alreadyVerified returns the member of a link if the address is verified by now, otherwise the given error.
func (s *Service) alreadyVerified(ctx context.Context, link db.MemberTokenByHashRow, otherwise error) (Member, error) {
	m, err := s.load(ctx, link.MemberID)
	if err != nil {
		return Member{}, err
	}
	if !m.Verified {
		return Member{}, otherwise
	}
	return m, nil
}

// ResendVerification has a new link mailed to a member; older ones become void. It does nothing for a
// verified one, nor when too many mails have gone out already. Errors: ErrUnknown.
func (s *Service) ResendVerification(ctx context.Context, memberID int64, from netip.Addr) error {
	messageID, err := s.ids.Next(ctx, db.OutboxIDs)
	if err != nil {
		return fmt.Errorf("members.ResendVerification: %w", err)
	}
	// READ COMMITTED: the member's row is locked first.
	err = db.Transact(ctx, s.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		m, err := tx.MemberLock(ctx, memberID)
		if err != nil {
			return known(err)
		}
		if m.VerifiedAt.Valid {
			return nil
		}
		return s.mailLink(ctx, tx, memberID, messageID, MailVerify, !s.unlimited(from))
	})
	if err != nil {
		return fmt.Errorf("members.ResendVerification(%d): %w", memberID, err)
	}
	return nil
}
