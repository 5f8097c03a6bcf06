package members

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// errSealed: a sealed value opens with none of the keys.
var errSealed = errors.New("members: sealed value does not open")

// mac is HMAC-SHA-256 over parts, each with its length before it, so that no two lists of parts collide.
func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, part := range parts {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:])
		h.Write(part)
	}
	return h.Sum(nil)
}

// random returns n random bytes; since Go 1.24 the source cannot fail.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// deviceNonce is the length of what tells devices apart, in bytes.
const deviceNonce = 16

// NewDevice returns a token that marks a device as one on which the member has logged in. It opens nothing;
// given to Authenticate, it keeps strangers' wrong guesses from slowing down the owner.
func (s *Service) NewDevice(memberID int64) string {
	nonce := random(deviceNonce)
	return base64.RawURLEncoding.EncodeToString(append(nonce, deviceMAC(s.deviceKeys[0], memberID, nonce)...))
}

// knownDevice returns what names the device in limits; empty when the token was not made for this member.
func (s *Service) knownDevice(token string, memberID int64) string {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != deviceNonce+sha256.Size {
		return ""
	}
	for _, key := range s.deviceKeys {
		if hmac.Equal(raw[deviceNonce:], deviceMAC(key, memberID, raw[:deviceNonce])) {
			return base64.RawURLEncoding.EncodeToString(raw[:deviceNonce])
		}
	}
	return ""
}

func deviceMAC(key []byte, memberID int64, nonce []byte) []byte {
	var id [8]byte
	binary.BigEndian.PutUint64(id[:], uint64(memberID))
	return mac(key, id[:], nonce)
}

// seal encrypts a value for the database (AES-256-GCM, random nonce in front); about is bound to it.
func (s *Service) seal(value, about []byte) ([]byte, error) {
	box, err := sealer(s.sealKeys[0])
	if err != nil {
		return nil, err
	}
	nonce := random(box.NonceSize())
	return box.Seal(nonce, nonce, value, about), nil
}

// open decrypts what seal made, under any of the keys. Errors: errSealed.
func (s *Service) open(sealed, about []byte) ([]byte, error) {
	for _, key := range s.sealKeys {
		box, err := sealer(key)
		if err != nil {
			return nil, err
		}
		if len(sealed) < box.NonceSize() {
			return nil, errSealed
		}
		value, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], about)
		if err == nil {
			return value, nil
		}
	}
	return nil, errSealed
}

func sealer(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key[:32])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
