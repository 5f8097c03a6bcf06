package ticketing

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Errors of bar codes.
var (
	// ErrStatement says that a text is no statement of a ticket's bar code.
	ErrStatement = errors.New("ticketing: not a ticket statement")
	// ErrSignature says that a statement was not signed with any of the keys:
	// the ticket is forged, altered, or of another airline.
	ErrSignature = errors.New("ticketing: signature is not ours")
)

const (
	statementKind = "PGA1"
	statementMax  = 512 // bytes; the longest real one has about 230
	nameHashSize  = 10
)

// Letters of base 32 keep the bar code in the QR alphabet of capitals and
// digits, which needs a sixth less room than bytes do.
var base32Code = base32.StdEncoding.WithPadding(base32.NoPadding)

// Claims is what a ticket's bar code states about one passenger. It holds no
// name, only a hash that a printed name can be compared with.
type Claims struct {
	Reference string
	Number    Number
	IssuedAt  time.Time // whole seconds
	Coupons   []Coupon
	nameHash  string
}

// Coupon is one flight that a ticket is good for.
type Coupon struct {
	Flight string // public id: ZP101-20261224
	Seat   string // "" for an infant on a lap
}

// ClaimsOf is the statement about the passenger with that index.
func ClaimsOf(t Ticket, passenger int) Claims {
	p := t.Passengers[passenger]
	c := Claims{Reference: t.Reference, Number: p.Number, IssuedAt: t.IssuedAt.UTC().Truncate(time.Second)}
	for i, l := range t.Legs {
		c.Coupons = append(c.Coupons, Coupon{Flight: l.ID, Seat: p.Seat(i)})
	}
	c.nameHash = c.hashName(p.Name)
	return c
}

// NameMatches tells whether a name, as printed or typed, is the passenger's;
// letter case and spaces do not matter.
func (c Claims) NameMatches(name string) bool { return c.hashName(name) == c.nameHash }

// hashName ties a name to this ticket, so that equal names on other tickets
// look different.
func (c Claims) hashName(name string) string {
	plain := strings.ToUpper(strings.Join(strings.Fields(norm.NFC.String(name)), ""))
	h := sha256.Sum256([]byte(statementKind + "/" + c.Reference + "/" + c.Number.digits + "/" + plain))
	return base32Code.EncodeToString(h[:nameHashSize])
}

// String is the statement without its signature:
// PGA1/reference/ticket number/issued/flight:seat+flight:seat/hash of the name.
func (c Claims) String() string {
	coupons := make([]string, len(c.Coupons))
	for i, coupon := range c.Coupons {
		coupons[i] = coupon.Flight + ":" + coupon.Seat
	}
	return strings.Join([]string{
		statementKind, c.Reference, c.Number.digits, strconv.FormatInt(c.IssuedAt.Unix(), 10),
		strings.Join(coupons, "+"), c.nameHash,
	}, "/")
}

// Signer signs the statements in bar codes (Ed25519, RFC 8032).
type Signer struct {
	key ed25519.PrivateKey
}

// NewSigner makes a signer from a seed of 32 secret bytes that is used for
// nothing else; a shorter or longer one gives ErrKey.
func NewSigner(seed []byte) (*Signer, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, ErrKey
	}
	return &Signer{key: ed25519.NewKeyFromSeed(seed)}, nil
}

// PublicKey is what verifies this signer's statements; it may be published.
func (s *Signer) PublicKey() ed25519.PublicKey { return s.key.Public().(ed25519.PublicKey) }

// Sign is the text of the bar code: the statement and its signature.
func (s *Signer) Sign(c Claims) string {
	statement := c.String()
	return statement + "/" + base32Code.EncodeToString(ed25519.Sign(s.key, []byte(statement)))
}

// Verify reads the text of a bar code and checks its signature against keys, of
// which one must fit (several while keys change). It needs no network. The errors
// are ErrStatement and ErrSignature. A valid signature says that the airline
// issued this ticket, not that it was never cancelled or changed since.
func Verify(text string, keys ...ed25519.PublicKey) (Claims, error) {
	text = strings.ToUpper(strings.TrimSpace(text))
	at := strings.LastIndexByte(text, '/')
	if len(text) > statementMax || at < 0 {
		return Claims{}, ErrStatement
	}
	statement, code := text[:at], text[at+1:]
	claims, err := parseStatement(statement)
	if err != nil {
		return Claims{}, err
	}
	signature, err := base32Code.DecodeString(code)
	if err != nil || base32Code.EncodeToString(signature) != code {
		return Claims{}, ErrStatement
	}
	signed := func(key ed25519.PublicKey) bool {
		return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, []byte(statement), signature)
	}
	if !slices.ContainsFunc(keys, signed) {
		return Claims{}, ErrSignature
	}
	return claims, nil
}

// parseStatement reads a statement and refuses any spelling but String's.
func parseStatement(statement string) (Claims, error) {
	parts := strings.Split(statement, "/")
	if len(parts) != 6 || parts[0] != statementKind {
		return Claims{}, ErrStatement
	}
	number, err := ParseNumber(parts[2])
	if err != nil {
		return Claims{}, ErrStatement
	}
	issued, err := strconv.ParseInt(parts[3], 10, 64)
	if err != nil {
		return Claims{}, ErrStatement
	}
	c := Claims{Reference: parts[1], Number: number, IssuedAt: time.Unix(issued, 0).UTC(), nameHash: parts[5]}
	for _, part := range strings.Split(parts[4], "+") {
		flight, seat, _ := strings.Cut(part, ":")
		c.Coupons = append(c.Coupons, Coupon{Flight: flight, Seat: seat})
	}
	if ref, err := ParseReference(c.Reference); err != nil || ref != c.Reference || c.String() != statement {
		return Claims{}, ErrStatement
	}
	return c, nil
}
