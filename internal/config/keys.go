package config

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// SecretKey is one signing key under its id.
type SecretKey struct {
	ID    string
	Bytes []byte
}

// SecretKeys are the keys in use: the first signs, all verify.
type SecretKeys []SecretKey

// minKey is the shortest key accepted, in bytes: as long as the hash that it keys.
const minKey = sha256.Size

// ParseSecretKeys reads kid:base64, several separated by commas.
func ParseSecretKeys(v string) (SecretKeys, error) {
	var keys SecretKeys
	for _, part := range list(v) {
		id, encoded, found := strings.Cut(part, ":")
		if !found || id == "" || len(id) > 8 {
			return nil, errors.New("expected kid:base64, the kid of 1 to 8 characters")
		}
		raw, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || len(raw) < minKey {
			return nil, fmt.Errorf("key %q: expected base64 of at least %d bytes", id, minKey)
		}
		keys = append(keys, SecretKey{id, raw})
	}
	return keys, nil
}

// Derive returns the keys for one purpose, such as "queue ticket", so that a token of one kind never passes
// as another (HKDF, RFC 5869).
func (k SecretKeys) Derive(purpose string) SecretKeys {
	out := make(SecretKeys, len(k))
	for i, key := range k {
		derived, err := hkdf.Key(sha256.New, key.Bytes, nil, "pigonair/"+purpose, sha256.Size)
		if err != nil {
			panic(err) // only for impossible lengths
		}
		out[i] = SecretKey{key.ID, derived}
	}
	return out
}
