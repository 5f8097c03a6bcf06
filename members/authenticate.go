package members

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"pigonair/db"
)

// Attempt is somebody trying to log in.
type Attempt struct {
	Email, Password string
	Code            string     // one-time code; needed by accounts with a second factor
	From            netip.Addr // the caller
	Device          string     // what NewDevice gave to this device before; may be empty or invalid
	Operators       bool       // at the operators' door: customers are refused as if the password were wrong
}

// Authenticate returns the member whose credentials these are. An unknown address takes the same work as a
// known one. Wrong guesses make the next ones wait ever longer, a minute at most, separately for devices on
// which the member has logged in before. Errors: Faults, ErrCredentials, ErrSecondFactor, ErrBusy,
// ErrThrottled, ErrAway.
func (s *Service) Authenticate(ctx context.Context, a Attempt) (Member, error) {
	email, err := a.check()
	if err != nil {
		return Member{}, err
	}
	row, err := db.New(s.pool).MemberByEmail(ctx, email.Key)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Member{}, fmt.Errorf("members.Authenticate: %w", err)
	}
	var limits []limit
	if !s.unlimited(a.From) {
		limits = loginLimits(email, a.From, s.knownDevice(a.Device, row.ID))
	}
	if err := s.throttle.take(ctx, limits); err != nil {
		return Member{}, err
	}
	ok, err := s.matches(ctx, a.Password, row.PasswordHash)
	if err != nil {
		return Member{}, errors.Join(err, s.throttle.giveBack(context.WithoutCancel(ctx), limits))
	}
	if !ok || a.Operators && row.Role == RoleCustomer {
		return Member{}, ErrCredentials
	}
	if err := s.checkCode(ctx, row, a.Code); err != nil {
		return Member{}, err
	}
	return view(row), s.throttle.succeed(ctx, limits)
}

// check reads the form. Errors: Faults.
func (a Attempt) check() (Email, error) {
	faults := Faults{}
	email, fault := ParseEmail(a.Email)
	faults.add(FieldEmail, fault)
	switch n := len(a.Password); {
	case n == 0:
		faults.add(FieldPassword, Missing)
	case n > MaxPassword*4: // bytes: no character takes more than four
		faults.add(FieldPassword, TooLong)
	}
	return email, faults.err()
}

// checkCode checks the one-time code of an account that has a second factor. Errors: ErrSecondFactor without
// a code, ErrCredentials with a wrong or used one.
func (s *Service) checkCode(ctx context.Context, row db.Member, code string) error {
	if row.TotpSecret == nil {
		return nil
	}
	code = strings.Join(strings.Fields(code), "")
	if code == "" {
		return ErrSecondFactor
	}
	return s.useCode(ctx, row, code)
}
