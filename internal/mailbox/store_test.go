package mailbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func testLimits() limits {
	return limits{mails: 1000, bytes: 1 << 30, segmentMails: 10, segmentBytes: 1 << 20}
}

func open(t testing.TB, dir string, l limits) *store {
	t.Helper()
	s, err := openStore(dir, l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func add(t testing.TB, s *store, to ...string) {
	t.Helper()
	if err := s.add(meta{To: to, Subject: "to " + strings.Join(to, " ")}, []byte("mail to "+strings.Join(to, " "))); err != nil {
		t.Fatal(err)
	}
}

func ids(entries []*entry) []int64 {
	out := []int64{}
	for _, e := range entries {
		out = append(out, e.ID)
	}
	return out
}

func TestStoreFindsByAddress(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), testLimits())
	add(t, s, "a@x")
	add(t, s, "b@x", "a@x")
	add(t, s, "A@X", "a@x")
	for _, c := range []struct {
		to     string
		before int64
		limit  int
		want   []int64
	}{
		{"", 0, 10, []int64{3, 2, 1}}, {"", 0, 2, []int64{3, 2}}, {"", 2, 10, []int64{1}}, {"", 1, 10, []int64{}},
		{"a@x", 0, 10, []int64{3, 2, 1}}, {" A@x ", 3, 1, []int64{2}}, {"b@x", 0, 10, []int64{2}}, {"c@x", 0, 10, []int64{}},
	} {
		if got := ids(s.list(c.to, c.before, c.limit)); !slices.Equal(got, c.want) {
			t.Errorf("%q before %d: %v, want %v", c.to, c.before, got, c.want)
		}
	}
	if _, err := s.find(4); !errors.Is(err, ErrNotFound) {
		t.Errorf("mail 4: %v", err)
	}
}

func TestStoreOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := open(t, dir, testLimits())
	for i := range 25 {
		add(t, first, fmt.Sprintf("%d@x", i))
	}
	if _, err := openStore(dir, testLimits()); !errors.Is(err, ErrInUse) {
		t.Fatalf("a second owner: %v", err)
	}
	if err := first.close(); err != nil {
		t.Fatal(err)
	}
	second := open(t, dir, testLimits())
	add(t, second, "25@x")
	for i := range 26 {
		found := second.list(fmt.Sprintf("%d@x", i), 0, 10)
		if len(found) != 1 || found[0].ID != int64(i+1) {
			t.Fatalf("mail %d: %v", i, ids(found))
		}
		if raw, err := second.read(found[0]); err != nil || string(raw) != fmt.Sprintf("mail to %d@x", i) {
			t.Errorf("mail %d: %q, %v", i, raw, err)
		}
	}
}

// Whatever byte the last file ends at, all whole mails are there afterwards and
// the next one is too.
func TestStoreSurvivesATornEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, testLimits())
	sizes := []int64{0}
	for i := range 3 {
		add(t, s, fmt.Sprintf("%d@x", i))
		sizes = append(sizes, s.segments[0].size)
	}
	name := s.segments[0].file.Name()
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(whole) + 1 {
		if err := os.WriteFile(name, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		want := 0
		for want < 3 && sizes[want+1] <= int64(cut) {
			want++
		}
		checkTorn(t, dir, cut, want)
	}
}

func checkTorn(t *testing.T, dir string, cut, want int) {
	t.Helper()
	for round := range 2 {
		s, err := openStore(dir, testLimits())
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if s.count() != want+round {
			t.Errorf("cut at %d: %d mails, want %d", cut, s.count(), want+round)
		}
		add(t, s, "next@x")
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStoreIsBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := testLimits()
	l.mails, l.segmentMails = 20, 5
	s := open(t, dir, l)
	for range 103 {
		add(t, s, "a@x", "b@x")
	}
	if n := s.count(); n < 20 || n > 25 {
		t.Errorf("%d mails are kept", n)
	}
	if got := s.list("b@x", 0, 1000); len(got) != s.count() || got[0].ID != 103 {
		t.Errorf("by address: %v", ids(got))
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"+segmentSuffix))
	if err != nil || len(files) > 5 {
		t.Errorf("%d files, %v", len(files), err)
	}
	if _, err := s.find(1); !errors.Is(err, ErrNotFound) {
		t.Errorf("the first mail: %v", err)
	}
}

func TestStoreIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	l := testLimits()
	l.bytes, l.segmentBytes = 10_000, 1_000
	s := open(t, t.TempDir(), l)
	for range 100 {
		if err := s.add(meta{To: []string{"a@x"}}, make([]byte, 500)); err != nil {
			t.Fatal(err)
		}
	}
	if s.bytes() > 12_000 || s.count() < 10 {
		t.Errorf("%d bytes in %d mails", s.bytes(), s.count())
	}
}

func TestMailReadWhileDroppedIsNotFound(t *testing.T) {
	t.Parallel()
	l := testLimits()
	l.mails, l.segmentMails = 1, 1
	s := open(t, t.TempDir(), l)
	add(t, s, "a@x")
	old := s.list("", 0, 1)[0]
	add(t, s, "a@x")
	add(t, s, "a@x")
	if _, err := s.read(old); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// The store against a plain list, over restarts.
func TestStoreLikeAList(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		dir := filepath.Join(root, fmt.Sprint(run))
		s, err := openStore(dir, testLimits())
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				to := rapid.SampledFrom([]string{"a@x", "b@x", "c@x"}).Draw(t, "to")
				if err := s.add(meta{To: []string{to}}, []byte(to)); err != nil {
					t.Fatal(err)
				}
				want = append(want, to)
			},
			"restart": func(t *rapid.T) {
				if err := s.close(); err != nil {
					t.Fatal(err)
				}
				if s, err = openStore(dir, testLimits()); err != nil {
					t.Fatal(err)
				}
			},
			"": func(t *rapid.T) {
				for _, to := range []string{"a@x", "b@x", ""} {
					n := 0
					for _, w := range want {
						if to == "" || w == to {
							n++
						}
					}
					if got := len(s.list(to, 0, 1000)); got != n {
						t.Fatalf("%q: %d mails, want %d", to, got, n)
					}
				}
			},
		})
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
	})
}
