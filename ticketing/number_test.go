package ticketing

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNumber(t *testing.T) {
	t.Parallel()
	n, err := NewNumber("990", 261224000)
	if err != nil {
		t.Fatal(err)
	}
	// 990261224000 = 7 × 141465889142 + 6
	if n.String() != "990-261224000-6" || n.Digits() != "9902612240006" {
		t.Errorf("%s, %s", n, n.Digits())
	}
	if (Number{}).String() != "" {
		t.Error("no ticket has a number")
	}
}

func TestNumberRefuses(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"", "99", "9900", "9a0", "９９０"} {
		if _, err := NewNumber(prefix, 1); !errors.Is(err, ErrPrefix) {
			t.Errorf("prefix %q: %v", prefix, err)
		}
	}
	for _, serial := range []int64{-1, 1_000_000_000} {
		if _, err := NewNumber("990", serial); !errors.Is(err, ErrSerial) {
			t.Errorf("serial %d: %v", serial, err)
		}
	}
	for _, text := range []string{"", "990-261224000-5", "990-26122400-6", "99026122400066", "990261224000x", "９902612240006"} {
		if _, err := ParseNumber(text); !errors.Is(err, ErrNumber) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestNumberReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n, err := NewNumber("990", rapid.Int64Range(0, maxSerial).Draw(t, "serial"))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{n.String(), n.Digits(), strings.ReplaceAll(n.String(), "-", " ")} {
			if got, err := ParseNumber(text); err != nil || got != n {
				t.Fatalf("%q: %v, %v", text, got, err)
			}
		}
	})
}

// The check digit finds a wrong digit and two exchanged ones, as its comment says.
func TestCheckDigitFindsSlips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n, err := NewNumber("990", rapid.Int64Range(0, maxSerial).Draw(t, "serial"))
		if err != nil {
			t.Fatal(err)
		}
		digits := []byte(n.Digits())
		at := rapid.IntRange(0, len(digits)-1).Draw(t, "at")
		wrong := byte(rapid.IntRange('0', '9').Draw(t, "digit"))
		old := digits[at]
		digits[at] = wrong
		same := (int(old)-int(wrong))%7 == 0 && digits[numberLength-1] < '7'
		if _, err := ParseNumber(string(digits)); (err == nil) != same {
			t.Fatalf("%s with %c for %c: %v", n, wrong, old, err)
		}
		digits[at] = old
		if at > 0 {
			digits[at], digits[at-1] = digits[at-1], digits[at]
			twins := (int(digits[at])-int(digits[at-1]))%7 == 0 && digits[numberLength-1] < '7'
			if _, err := ParseNumber(string(digits)); (err == nil) != twins {
				t.Fatalf("%s as %s: %v", n, digits, err)
			}
		}
	})
}
