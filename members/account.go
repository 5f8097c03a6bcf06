package members

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"pigonair/db"
)

// Profile is what members change about themselves.
type Profile struct {
	Name      string
	Language  string // ko or en
	Marketing bool
}

// UpdateProfile changes a member's particulars. Errors: Faults, ErrUnknown.
func (s *Service) UpdateProfile(ctx context.Context, memberID int64, p Profile) (Member, error) {
	name, fault := ParseName(p.Name)
	if fault != "" {
		return Member{}, Faults{FieldName: fault}
	}
	marketing := ""
	if p.Marketing {
		marketing = MarketingVersion
	}
	err := db.New(s.pool).MemberUpdateProfile(ctx, db.MemberUpdateProfileParams{
		ID: memberID, Name: name, Language: language(p.Language), MarketingVersion: marketing,
	})
	if err != nil {
		return Member{}, fmt.Errorf("members.UpdateProfile(%d): %w", memberID, err)
	}
	s.cache.drop(memberID)
	return s.load(ctx, memberID)
}

// PasswordChange is a member's wish for another password.
type PasswordChange struct {
	Current, New string
	From         netip.Addr
}

// ChangePassword sets a new password for a member who knows the current one. Every session ends; the caller
// goes on under the SessionEpoch of the member returned. Errors: Faults (Wrong for the current one), ErrBusy,
// ErrThrottled, ErrAway, ErrUnknown.
func (s *Service) ChangePassword(ctx context.Context, memberID int64, c PasswordChange) (Member, error) {
	if c.Current == "" {
		return Member{}, Faults{FieldCurrent: Missing}
	}
	if err := s.checkNew(ctx, memberID, c.New); err != nil {
		return Member{}, err
	}
	if err := s.checkCurrent(ctx, memberID, c); err != nil {
		return Member{}, err
	}
	hash, err := s.hash(ctx, c.New)
	if err != nil {
		return Member{}, err
	}
	err = s.setPassword(ctx, memberID, hash, func(ctx context.Context, tx *db.Tx) error {
		return tx.MemberTokensRetire(ctx, memberID, purposeReset)
	})
	if err != nil {
		return Member{}, fmt.Errorf("members.ChangePassword(%d): %w", memberID, err)
	}
	return s.load(ctx, memberID)
}

// checkCurrent checks the current password under a limit of its own: a session left open somewhere is no
// place to guess.
func (s *Service) checkCurrent(ctx context.Context, memberID int64, c PasswordChange) error {
	row, err := db.New(s.pool).MemberGet(ctx, memberID)
	if err != nil {
		return known(err)
	}
	var limits []limit
	if !s.unlimited(c.From) {
		limits = []limit{{key: "member:change:" + strconv.FormatInt(memberID, 10), free: 5, longest: time.Minute}}
	}
	if err := s.throttle.take(ctx, limits); err != nil {
		return err
	}
	ok, err := s.matches(ctx, c.Current, row.PasswordHash)
	if err != nil {
		return errors.Join(err, s.throttle.giveBack(context.WithoutCancel(ctx), limits))
	}
	if !ok {
		return Faults{FieldCurrent: Wrong}
	}
	return s.throttle.succeed(ctx, limits)
}
