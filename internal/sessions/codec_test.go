package sessions

import (
	"errors"
	"maps"
	"math"
	"strings"
	"testing"
	"time"
)

func TestCodecKeepsEverything(t *testing.T) {
	t.Parallel()
	deadline := time.Date(2026, 12, 24, 7, 5, 0, 123e6, time.UTC)
	for _, values := range []map[string]any{
		{},
		{"member": int64(math.MaxInt64), "epoch": -3, "next": "/길?a=b", "yes": true, "no": false},
		{"": "", "long": strings.Repeat("x", 70_000)},
	} {
		b, err := Codec{}.Encode(deadline, values)
		if err != nil {
			t.Fatal(err)
		}
		until, got, err := Codec{}.Decode(b)
		if err != nil || !until.Equal(deadline) || !maps.Equal(got, values) {
			t.Errorf("%v became %v until %s: %v", values, got, until, err)
		}
	}
}

func TestCodecRefusesKindsItDoesNotKnow(t *testing.T) {
	t.Parallel()
	if _, err := (Codec{}).Encode(time.Now(), map[string]any{"at": time.Now()}); !errors.Is(err, ErrKind) {
		t.Errorf("got %v", err)
	}
}

func FuzzCodecNeverBreaks(f *testing.F) {
	good, err := Codec{}.Encode(time.Unix(1, 0), map[string]any{"member": int64(5), "text": "abc", "yes": true})
	if err != nil {
		f.Fatal(err)
	}
	for i := range good {
		f.Add(good[:i])
	}
	f.Add(append(good, 1, 'x', 9))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, values, err := Codec{}.Decode(b)
		if (err == nil) == (values == nil) || err != nil && !errors.Is(err, ErrForm) {
			t.Errorf("%v, %v", values, err)
		}
	})
}
