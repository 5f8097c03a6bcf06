package ticketing

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/width"
)

// alphabet of booking references: 32 symbols, without I, O, 0 and 1, which look
// alike in print.
const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

const (
	referenceLength = 6
	symbolBits      = 5
	halfBits        = referenceLength * symbolBits / 2
	minKeyLength    = 16
)

// Errors of references.
var (
	// ErrReference says that a text cannot be a booking reference.
	ErrReference = errors.New("ticketing: not a booking reference")
	// ErrKey says that a secret key has not the length it needs.
	ErrKey = errors.New("ticketing: key has not the needed length")
)

// References turns booking numbers into booking references that say nothing
// about the number: a keyed permutation of 30 bits, so two numbers never meet in
// one reference and nobody without the key can tell the next one. It is safe for
// use by several goroutines.
type References struct {
	network feistel
}

// NewReferences makes the permutation that belongs to key (at least 16 secret
// bytes, used for nothing else; otherwise ErrKey). Another key gives other
// references for the same numbers: it must not change while bookings exist.
func NewReferences(key []byte) (*References, error) {
	network, err := newFeistel(key, halfBits)
	if err != nil {
		return nil, err
	}
	return &References{network: network}, nil
}

// Of is the reference of booking number n, 6 characters. Numbers that differ by
// a multiple of 2^30 share one, as airlines reuse theirs after years; the unique
// key of the bookings refuses one that is still taken.
func (r *References) Of(n int64) string {
	v := r.network.permute(uint32(n) & (1<<(2*halfBits) - 1))
	var out [referenceLength]byte
	for i := range out {
		out[i] = alphabet[v>>(symbolBits*(referenceLength-1-i))&(1<<symbolBits-1)]
	}
	return string(out[:])
}

// ParseReference reads a booking reference as people type it: in small letters,
// full-width, with spaces or hyphens. Characters that no reference has, such as
// 0, O, 1 and I, are refused with ErrReference rather than guessed at: a guess
// could open somebody else's booking.
func ParseReference(typed string) (string, error) {
	if len(typed) > 64 {
		return "", ErrReference
	}
	var b strings.Builder
	for _, r := range strings.ToUpper(width.Narrow.String(typed)) {
		switch {
		case unicode.IsSpace(r) || r == '-':
		case r < unicode.MaxASCII && strings.ContainsRune(alphabet, r):
			b.WriteRune(r)
		default:
			return "", ErrReference
		}
	}
	if b.Len() != referenceLength {
		return "", ErrReference
	}
	return b.String(), nil
}

// feistel is a balanced Feistel network on twice half bits. Luby and Rackoff
// ("How to construct pseudorandom permutations from pseudorandom functions",
// 1988) show that such a network over pseudorandom functions is a pseudorandom
// permutation; as halves this small want more than their four rounds, it has the
// ten of NIST SP 800-38G (FF1), with one AES block as the function of a round.
type feistel struct {
	block  cipher.Block
	half   uint
	blocks *sync.Pool // scratch blocks, so that permuting does not allocate
}

const feistelRounds = 10

func newFeistel(key []byte, half uint) (feistel, error) {
	if len(key) < minKeyLength {
		return feistel{}, ErrKey
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("ticketing/booking-reference/1"))
	block, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		return feistel{}, err
	}
	pool := &sync.Pool{New: func() any { return new([aes.BlockSize]byte) }}
	return feistel{block: block, half: half, blocks: pool}, nil
}

// permute maps v, of twice half bits, to another such number, one to one.
func (f feistel) permute(v uint32) uint32 {
	mask := uint32(1)<<f.half - 1
	left, right := v>>f.half, v&mask
	block := f.blocks.Get().(*[aes.BlockSize]byte)
	defer f.blocks.Put(block)
	for round := range uint32(feistelRounds) {
		*block = [aes.BlockSize]byte{}
		binary.BigEndian.PutUint32(block[:], round)
		binary.BigEndian.PutUint32(block[4:], right)
		f.block.Encrypt(block[:], block[:])
		left, right = right, left^(binary.BigEndian.Uint32(block[:])&mask)
	}
	return left<<f.half | right
}
