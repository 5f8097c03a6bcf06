package members

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"pigonair/db"
)

// What a mailed link is for.
const (
	purposeVerify = "verify"
	purposeReset  = "reset"
)

// How long mailed links are good.
const (
	VerifyLife = 24 * time.Hour
	ResetLife  = time.Hour
)

// linksPerHour bounds the mails that strangers can make us send to one address, per purpose.
const linksPerHour = 5

const (
	linkIDSize    = 16
	linkTokenSize = sha256.Size
)

// A link's token is HMAC-SHA-256(key, purpose, id) over the 16 random bytes that name its row; the row keeps
// only the token's SHA-256. Who reads the database or the broker, where the id travels, cannot make the
// token; the consumer that writes the mail can, having the key. So nothing secret is ever stored.
func linkToken(key []byte, purpose string, id []byte) []byte {
	return mac(key, []byte(purpose), id)
}

// writeLink stores a new link in the caller's transaction and returns its id in hexadecimal, under which the
// mail is asked for. An empty id means that the member has had enough such mails for now. The caller holds
// the member's row, so that the count is right.
func (s *Service) writeLink(ctx context.Context, tx *db.Tx, memberID int64, purpose string, limited bool) (string, error) {
	if limited {
		recent, err := tx.MemberTokensRecent(ctx, memberID, purpose)
		if err != nil || recent >= linksPerHour {
			return "", err
		}
	}
	life := VerifyLife
	if purpose == purposeReset {
		life = ResetLife
	}
	id := random(linkIDSize)
	hash := sha256.Sum256(linkToken(s.linkKeys[0], purpose, id))
	err := tx.MemberTokenInsert(ctx, db.MemberTokenInsertParams{
		ID: id, TokenHash: hash[:], MemberID: memberID, Purpose: purpose, LifeSeconds: int64(life.Seconds()),
	})
	return hex.EncodeToString(id), err
}

// rebuild makes a link's token again; keys may have been changed since, so the stored hash tells which.
func (s *Service) rebuild(purpose string, id, hash []byte) (string, bool) {
	for _, key := range s.linkKeys {
		token := linkToken(key, purpose, id)
		if sum := sha256.Sum256(token); subtle.ConstantTimeCompare(sum[:], hash) == 1 {
			return base64.RawURLEncoding.EncodeToString(token), true
		}
	}
	return "", false
}

// findLink looks a token up by its hash. Errors: ErrLink when there is none.
func (s *Service) findLink(ctx context.Context, token, purpose string) (db.MemberTokenByHashRow, error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != linkTokenSize {
		return db.MemberTokenByHashRow{}, ErrLink
	}
	sum := sha256.Sum256(raw)
	row, err := db.New(s.pool).MemberTokenByHash(ctx, sum[:], purpose)
	if errors.Is(err, sql.ErrNoRows) {
		return row, ErrLink
	}
	if err != nil {
		return row, fmt.Errorf("members.findLink(%s): %w", purpose, err)
	}
	return row, nil
}

// usable tells why a link cannot be used; nil when it can. Errors: ErrLink, ErrLinkExpired.
func usable(row db.MemberTokenByHashRow) error {
	switch {
	case row.Used:
		return ErrLink
	case row.Expired:
		return ErrLinkExpired
	}
	return nil
}
