package waitingroom

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"strings"
	"sync"
)

// ErrKeys says that signing keys cannot be used: none, an id twice or longer than 8 characters, a secret
// shorter than 32 bytes.
var ErrKeys = errors.New("waitingroom: unusable signing keys")

// Key is a signing key under the id that stands in the tokens it signs.
type Key struct {
	ID     string
	Secret []byte
}

// Keys sign and check tokens: the first key signs, all of them check, so that keys can be changed while a
// sale runs. Each kind of token has keys of its own, derived from these. Safe for concurrent use.
type Keys struct {
	tickets, passes ring
}

// kind is a token's first byte.
type kind byte

const (
	kindTicket kind = 1
	kindPass   kind = 2
)

const (
	macSize   = 16 // half of HMAC-SHA256's output, as RFC 2104 allows: 128 bits
	maxToken  = 160
	maxKeyID  = 8
	minSecret = sha256.Size
)

// encoding is strict, so that a token has one spelling only.
var encoding = base64.RawURLEncoding.Strict()

// NewKeys derives the keys of this package from the installation's. Errors: ErrKeys.
func NewKeys(keys []Key) (*Keys, error) {
	seen := map[string]bool{}
	for _, k := range keys {
		if k.ID == "" || len(k.ID) > maxKeyID || seen[k.ID] || len(k.Secret) < minSecret {
			return nil, fmt.Errorf("%w: key %q", ErrKeys, k.ID)
		}
		seen[k.ID] = true
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%w: none", ErrKeys)
	}
	tickets, err := newRing(keys, "queue ticket")
	if err != nil {
		return nil, err
	}
	passes, err := newRing(keys, "sale pass")
	return &Keys{tickets, passes}, err
}

// ring holds the derived keys of one kind of token.
type ring []*signer

type signer struct {
	id   string
	pool sync.Pool // of keyed hashes: keying one costs more than using it
}

func newRing(keys []Key, purpose string) (ring, error) {
	out := make(ring, len(keys))
	for i, k := range keys {
		derived, err := hkdf.Key(sha256.New, k.Secret, nil, "pigonair/"+purpose, sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrKeys, err)
		}
		out[i] = &signer{id: k.ID, pool: sync.Pool{New: func() any { return hmac.New(sha256.New, derived) }}}
	}
	return out, nil
}

// mac appends the message's authentication code to dst.
func (s *signer) mac(dst, message []byte) []byte {
	h := s.pool.Get().(hash.Hash)
	defer s.pool.Put(h)
	h.Reset()
	h.Write(message)
	var sum [sha256.Size]byte
	return append(dst, h.Sum(sum[:0])[:macSize]...)
}

// seal makes a token: kind, length and bytes of the key's id, the fields as varints, the code over all that.
func (r ring) seal(k kind, fields ...int64) string {
	var buf [maxToken]byte
	out := append(buf[:0], byte(k), byte(len(r[0].id)))
	out = append(out, r[0].id...)
	for _, f := range fields {
		out = binary.AppendUvarint(out, uint64(f))
	}
	out = r[0].mac(out, out)
	return encoding.EncodeToString(out)
}

// open checks a token and reads its fields. Errors: ErrMalformed, ErrWrongKind, ErrForged.
func (r ring) open(token string, k kind, fields ...*int64) error {
	if len(token) > maxToken || strings.ContainsAny(token, "\r\n") { // which the decoder would skip
		return ErrMalformed
	}
	var buf [maxToken]byte
	n, err := encoding.Decode(buf[:], []byte(token))
	if err != nil || n < 2+macSize || int(buf[1]) > maxKeyID || n < 2+int(buf[1])+macSize {
		return ErrMalformed
	}
	if kind(buf[0]) != k {
		return ErrWrongKind
	}
	message, code := buf[:n-macSize], buf[n-macSize:n]
	id, rest := message[2:2+buf[1]], message[2+buf[1]:]
	if !r.signed(id, message, code) {
		return ErrForged
	}
	return readFields(rest, fields)
}

func (r ring) signed(id, message, code []byte) bool {
	var sum [macSize]byte
	for _, s := range r {
		if s.id == string(id) {
			return hmac.Equal(s.mac(sum[:0], message), code)
		}
	}
	return false
}

func readFields(rest []byte, fields []*int64) error {
	for _, f := range fields {
		v, n := binary.Uvarint(rest)
		if n <= 0 {
			return ErrMalformed
		}
		*f, rest = int64(v), rest[n:]
	}
	if len(rest) > 0 {
		return ErrMalformed
	}
	return nil
}
