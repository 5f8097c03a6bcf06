package members

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"pigonair/db"
)

// codeStep and codeSkew are how long a one-time code lasts and how many steps it may be off (RFC 6238).
const (
	codeStep = 30
	codeSkew = 1
)

// errCodeSecret: a secret that is not base32.
var errCodeSecret = errors.New("members: malformed one-time code secret")

// useCode checks a one-time code and uses it up: it is good once. Errors: ErrCredentials, ErrAway.
func (s *Service) useCode(ctx context.Context, row db.Member, code string) error {
	secret, err := s.open(row.TotpSecret, secretOf(row.ID))
	if err != nil {
		return fmt.Errorf("members.useCode(%d): %w", row.ID, err)
	}
	ok, err := totp.ValidateCustom(code, string(secret), s.clock(), codeOptions())
	if err != nil && !errors.Is(err, otp.ErrValidateInputInvalidLength) {
		return fmt.Errorf("members.useCode(%d): %w", row.ID, err)
	}
	if !ok {
		return ErrCredentials
	}
	life := (2*codeSkew + 1) * codeStep * time.Second
	err = s.throttle.spend(ctx, "member:code:"+strconv.FormatInt(row.ID, 10)+":"+code, 1, life)
	if errors.Is(err, ErrThrottled) {
		return ErrCredentials
	}
	return err
}

// SetSecondFactor makes a member log in with one-time codes of a base32 secret from now on; "" ends that.
// Older sessions end.
func (s *Service) SetSecondFactor(ctx context.Context, memberID int64, secret string) error {
	var sealed []byte
	if secret != "" {
		if _, err := totp.GenerateCodeCustom(secret, s.clock(), codeOptions()); err != nil {
			return errCodeSecret
		}
		var err error
		if sealed, err = s.seal([]byte(secret), secretOf(memberID)); err != nil {
			return fmt.Errorf("members.SetSecondFactor(%d): %w", memberID, err)
		}
	}
	if err := db.New(s.pool).MemberSetSecondFactor(ctx, sealed, memberID); err != nil {
		return fmt.Errorf("members.SetSecondFactor(%d): %w", memberID, err)
	}
	s.cache.drop(memberID)
	return nil
}

func codeOptions() totp.ValidateOpts {
	return totp.ValidateOpts{Period: codeStep, Skew: codeSkew, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}
}

// secretOf binds a sealed secret to its member, so that it is worth nothing in another's row.
func secretOf(memberID int64) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(memberID))
}
