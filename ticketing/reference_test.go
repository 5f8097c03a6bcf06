package ticketing

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var referenceKey = []byte("a key of tests, 32 bytes long ..")

func newReferences(t testing.TB, key []byte) *References {
	t.Helper()
	r, err := NewReferences(key)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The references of a key are part of what customers hold: they never change.
func TestReferencesStayTheSame(t *testing.T) {
	t.Parallel()
	r := newReferences(t, referenceKey)
	for n, want := range []string{"TXX8ZD", "KAX22N", "DJNTJN"} {
		if got := r.Of(int64(n)); got != want {
			t.Errorf("booking %d: %s, was %s", n, got, want)
		}
	}
}

// On small domains the permutation is checked whole.
func TestFeistelIsOneToOne(t *testing.T) {
	t.Parallel()
	for half := uint(1); half <= 8; half++ {
		for key := range 3 {
			f, err := newFeistel([]byte(fmt.Sprintf("key number %10d", key)), half)
			if err != nil {
				t.Fatal(err)
			}
			seen := make([]bool, 1<<(2*half))
			for v := range seen {
				at := f.permute(uint32(v))
				if int(at) >= len(seen) || seen[at] {
					t.Fatalf("half %d: %d meets another at %d", half, v, at)
				}
				seen[at] = true
			}
		}
	}
}

func TestReferencesNeverMeet(t *testing.T) {
	t.Parallel()
	r := newReferences(t, referenceKey)
	seen := map[string]int64{}
	for _, start := range []int64{0, 1<<15 - 50_000, 1<<30 - 50_000} {
		for n := max(start, 0); n < start+50_000; n++ {
			ref := r.Of(n)
			if other, ok := seen[ref]; ok && other != n {
				t.Fatalf("%d and %d are both %s", other, n, ref)
			}
			seen[ref] = n
		}
	}
}

// Neighbouring numbers share a symbol by chance only, about once in 32.
func TestReferencesAreNotInOrder(t *testing.T) {
	t.Parallel()
	r := newReferences(t, referenceKey)
	const pairs = 5000
	equal := 0
	for n := range int64(pairs) {
		a, b := r.Of(n), r.Of(n+1)
		for i := range a {
			if a[i] == b[i] {
				equal++
			}
		}
	}
	if share := float64(equal) / (6 * pairs); share < 0.025 || share > 0.038 {
		t.Errorf("neighbours share %.4f of their symbols, chance is 0.031", share)
	}
	if other := newReferences(t, []byte("another key of 32 bytes, please.")); other.Of(1) == r.Of(1) {
		t.Error("another key gives the same reference")
	}
}

func TestReferencesNeedAKey(t *testing.T) {
	t.Parallel()
	if _, err := NewReferences([]byte("short")); !errors.Is(err, ErrKey) {
		t.Errorf("short key: %v", err)
	}
}

func TestParseReference(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"K7M2QX": "K7M2QX", " k7m2qx\n": "K7M2QX", "k7m-2qx": "K7M2QX", "k7m 2qx": "K7M2QX", "Ｋ７Ｍ２ＱＸ": "K7M2QX",
		"": "", "K7M2Q": "", "K7M2QXX": "", "K7M2QO": "", "K7M2Q0": "", "K7M2Q1": "", "I7M2QX": "", "L7M2QX": "L7M2QX",
		"K7M2Q%": "", "가나다라마바": "", "K7M2QX' OR 1=1": "", "K7M2QX\x00": "", strings.Repeat(" ", 100) + "K7M2QX": "",
	} {
		got, err := ParseReference(typed)
		if got != want || (want == "") != errors.Is(err, ErrReference) {
			t.Errorf("%q: %q, %v", typed, got, err)
		}
	}
}

func TestParseReferenceReadsEveryReference(t *testing.T) {
	t.Parallel()
	r := newReferences(t, referenceKey)
	rapid.Check(t, func(t *rapid.T) {
		ref := r.Of(rapid.Int64().Draw(t, "number"))
		if got, err := ParseReference(strings.ToLower(ref)); err != nil || got != ref {
			t.Fatalf("%s: %q, %v", ref, got, err)
		}
	})
}

func FuzzParseReference(f *testing.F) {
	f.Add("k7m 2qx")
	f.Fuzz(func(t *testing.T, typed string) {
		ref, err := ParseReference(typed)
		if err != nil {
			return
		}
		if again, err := ParseReference(ref); err != nil || again != ref || len(ref) != 6 || strings.Trim(ref, alphabet) != "" {
			t.Errorf("%q: %q, %q, %v", typed, ref, again, err)
		}
	})
}

func BenchmarkReference(b *testing.B) {
	r := newReferences(b, referenceKey)
	for n := int64(0); b.Loop(); n++ {
		r.Of(n)
	}
}
