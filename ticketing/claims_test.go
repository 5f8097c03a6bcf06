package ticketing

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func newSigner(t testing.TB, seed []byte) *Signer {
	t.Helper()
	s, err := NewSigner(seed)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSignedStatementVerifies(t *testing.T) {
	t.Parallel()
	signer, other := newSigner(t, seed), newSigner(t, bytes.Repeat([]byte{8}, 32))
	for _, ticket := range []Ticket{domestic(t), abroad(t), crowded(t)} {
		for i, p := range ticket.Passengers {
			want := ClaimsOf(ticket, i)
			text := signer.Sign(want)
			got, err := Verify(strings.ToLower(" "+text+"\n"), other.PublicKey(), signer.PublicKey())
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: %+v, %v", text, got, err)
			}
			if !got.NameMatches(p.Name) || got.NameMatches(p.Name+"x") {
				t.Errorf("%s: the name does not count", text)
			}
			if p.Name == "김하늘" && strings.Contains(text, p.Name) {
				t.Error("the statement holds the name")
			}
		}
	}
}

func TestNameMatchesAsPeopleType(t *testing.T) {
	t.Parallel()
	c := ClaimsOf(abroad(t), 0)
	if !c.NameMatches("kim  haneul") || c.NameMatches("KIM HANUEL") {
		t.Error("letter case and spaces count, or letters do not")
	}
}

func TestForgedStatementsAreRefused(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, seed)
	text := signer.Sign(ClaimsOf(domestic(t), 0))
	for what, c := range map[string]struct {
		text string
		want error
	}{
		"another seat":      {strings.Replace(text, ":7A", ":1A", 1), ErrSignature},
		"another reference": {strings.Replace(text, "K7M2QX", "K7M2QY", 1), ErrSignature},
		"another number":    {strings.Replace(text, "9902612240006", "9902612240010", 1), ErrSignature},
		"wrong check digit": {strings.Replace(text, "9902612240006", "9902612240007", 1), ErrStatement},
		"another kind":      {strings.Replace(text, "PGA1", "PGA2", 1), ErrStatement},
		"a sign before":     {strings.Replace(text, "/17", "/+17", 1), ErrStatement},
		"nothing":           {"", ErrStatement},
		"no signature":      {ClaimsOf(domestic(t), 0).String(), ErrStatement},
		"short signature":   {text[:len(text)-23], ErrSignature},
		"spare bits set":    {respelled(text), ErrStatement},
		"too long":          {strings.Repeat("A/", 400), ErrStatement},
		"not base 32":       {text + "!", ErrStatement},
	} {
		if _, err := Verify(c.text, signer.PublicKey()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := Verify(text); !errors.Is(err, ErrSignature) {
		t.Errorf("without a key: %v", err)
	}
	if _, err := Verify(text, ed25519.PublicKey("short")); !errors.Is(err, ErrSignature) {
		t.Errorf("with a broken key: %v", err)
	}
	if _, err := NewSigner(seed[1:]); !errors.Is(err, ErrKey) {
		t.Errorf("short seed: %v", err)
	}
}

// respelled changes the last symbol only in bits that the signature does not use.
func respelled(text string) string {
	const symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	last := strings.IndexByte(symbols, text[len(text)-1])
	return text[:len(text)-1] + string(symbols[last^1])
}

func TestBarCodeIsDrawnOnce(t *testing.T) {
	t.Parallel()
	m, err := BarCode(newSigner(t, seed).Sign(ClaimsOf(abroad(t), 0)))
	if err != nil {
		t.Fatal(err)
	}
	dark := map[[2]int]bool{}
	for _, r := range m.Runs {
		for x := r.X; x < r.X+r.Width; x++ {
			at := [2]int{x, r.Y}
			if dark[at] || x >= m.Size || r.Y >= m.Size {
				t.Fatalf("module %v lies outside or in two runs", at)
			}
			dark[at] = true
		}
	}
	if middle := m.Size / 2; !dark[[2]int{middle, middle}] || dark[[2]int{middle + 1, middle}] {
		t.Error("no bull's eye in the middle")
	}
	if _, err := BarCode(strings.Repeat("x", 10_000)); err == nil {
		t.Error("a text that fits no code was drawn")
	}
}

func FuzzVerify(f *testing.F) {
	signer := newSigner(f, seed)
	text := signer.Sign(ClaimsOf(abroad(f), 0))
	f.Add(text)
	f.Add(strings.Replace(text, "31A", "31B", 1))
	f.Fuzz(func(t *testing.T, text string) {
		claims, err := Verify(text, signer.PublicKey())
		if err == nil && signer.Sign(claims) != strings.ToUpper(strings.TrimSpace(text)) {
			t.Errorf("%q passes and is not what we sign", text)
		}
	})
}
