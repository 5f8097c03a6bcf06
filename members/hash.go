package members

import (
	"context"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"
)

// Hasher turns passwords into what is stored, and compares them with it.
type Hasher interface {
	Hash(password string) (string, error)
	Matches(password, hash string) (bool, error)
}

// Argon2id hashes with Argon2id (RFC 9106): 19 MiB, two passes, one lane, the first of the settings that
// OWASP's password storage cheat sheet names. One hash takes some tens of milliseconds of one core.
type Argon2id struct{}

// decoyHash is compared with when there is no account, so that a stranger's address takes as long as a
// member's. Its password was random and is not kept.
const decoyHash = "$argon2id$v=19$m=19456,t=2,p=1$mPv7rK+3+T9QxSDu74VlCA$uvSYe7ShqjRgAy7uOib9Xpm6yBxtpjBW3RLjtzHWemI"

// noPassword stands in the place of a hash in accounts that nobody can log in to with a password.
const noPassword = "!"

func argonParams() *argon2id.Params {
	return &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

// Hash returns the password's hash with its parameters and a fresh salt.
func (Argon2id) Hash(password string) (string, error) {
	return argon2id.CreateHash(password, argonParams())
}

// Matches compares in constant time.
func (Argon2id) Matches(password, hash string) (bool, error) {
	return argon2id.ComparePasswordAndHash(password, hash)
}

// hash makes a password's hash behind the gate. Errors: ErrBusy.
func (s *Service) hash(ctx context.Context, password string) (hash string, err error) {
	gateErr := s.gate.do(ctx, func() { hash, err = s.hasher.Hash(norm.NFC.String(password)) })
	if gateErr != nil {
		return "", gateErr
	}
	return hash, err
}

// matches compares a password behind the gate. An account without a hash takes as long as any other and
// never matches. Errors: ErrBusy.
func (s *Service) matches(ctx context.Context, password, hash string) (ok bool, err error) {
	usable := hash != "" && hash != noPassword
	if !usable {
		hash = decoyHash
	}
	gateErr := s.gate.do(ctx, func() { ok, err = s.hasher.Matches(norm.NFC.String(password), hash) })
	if gateErr != nil {
		return false, gateErr
	}
	return ok && usable, err
}
