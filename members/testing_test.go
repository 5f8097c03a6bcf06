package members

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pigonair/db"
	"pigonair/internal/testenv"
	"pigonair/outbox"
)

// plainHasher makes hashes that cost nothing and counts comparisons.
type plainHasher struct{ compared atomic.Int64 }

func (h *plainHasher) Hash(password string) (string, error) {
	return "plain:" + hex.EncodeToString([]byte(password)), nil
}

func (h *plainHasher) Matches(password, hash string) (bool, error) {
	h.compared.Add(1)
	made, err := h.Hash(password)
	return made == hash, err
}

// bundle is a service on real servers, with everything that a test looks at.
type bundle struct {
	*Service
	pool   *sql.DB
	hasher *plainHasher
	now    atomic.Pointer[time.Time]
}

func newBundle(t *testing.T, change ...func(*Options)) *bundle {
	t.Helper()
	b := &bundle{pool: testenv.DB(t), hasher: &plainHasher{}}
	start := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	b.now.Store(&start)
	o := Options{
		Pool: b.pool, IDs: db.NewIDs(b.pool), Redis: testenv.RedisClient(t), Hasher: b.hasher, Keys: testKeys("first"),
		Clock: func() time.Time { return *b.now.Load() },
	}
	for _, f := range change {
		f(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	s.resetFloor = 0
	b.Service = s
	return b
}

// testKeys derives a key for each purpose from each seed, the first seed's first.
func testKeys(seeds ...string) func(string) [][]byte {
	return func(purpose string) [][]byte {
		var keys [][]byte
		for _, seed := range seeds {
			keys = append(keys, mac([]byte(seed), []byte(purpose)))
		}
		return keys
	}
}

func (b *bundle) advance(d time.Duration) {
	later := b.now.Load().Add(d)
	b.now.Store(&later)
}

// posted are the outbox messages about accounts, in the order of writing.
func (b *bundle) posted(t *testing.T) (kinds, subjects []string) {
	t.Helper()
	rows, err := b.pool.QueryContext(t.Context(), "SELECT kind, subject_id FROM outbox WHERE lane = ? ORDER BY id", outbox.LaneAccount)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind, subject string
		if err := rows.Scan(&kind, &subject); err != nil {
			t.Fatal(err)
		}
		kinds, subjects = append(kinds, kind), append(subjects, subject)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return kinds, subjects
}

// lastMail is the mail that the newest message asks for, which has to be of kind.
func (b *bundle) lastMail(t *testing.T, kind string) Mail {
	t.Helper()
	kinds, subjects := b.posted(t)
	if len(kinds) == 0 || kinds[len(kinds)-1] != kind {
		t.Fatalf("messages are %v, want %s last", kinds, kind)
	}
	mail, err := b.Mail(t.Context(), kind, subjects[len(subjects)-1])
	if err != nil {
		t.Fatal(err)
	}
	return mail
}

func (m Mail) token(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(m.Path)
	if err != nil || u.Query().Get("token") == "" {
		t.Fatalf("path %q has no token (%v)", m.Path, err)
	}
	return u.Query().Get("token")
}

func customer(email string) SignUpForm {
	return SignUpForm{
		Email: email, Password: "three grey pigeons", Name: "김하늘", Language: "ko", Terms: true,
		From: netip.MustParseAddr("203.0.113.7"),
	}
}

// join signs somebody up and verifies the address.
func (b *bundle) join(t *testing.T, email string) Member {
	t.Helper()
	if err := b.SignUp(t.Context(), customer(email)); err != nil {
		t.Fatal(err)
	}
	m, err := b.VerifyEmail(t.Context(), b.lastMail(t, MailVerify).token(t))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (b *bundle) logIn(ctx context.Context, email, password string) (Member, error) {
	return b.Authenticate(ctx, Attempt{Email: email, Password: password, From: netip.MustParseAddr("203.0.113.7")})
}

func (b *bundle) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if _, err := b.pool.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

func wantErr(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("error is %v, want %v", got, want)
	}
}

func wantFault(t *testing.T, err error, field Field, fault Fault) {
	t.Helper()
	var faults Faults
	if !errors.As(err, &faults) || faults[field] != fault {
		t.Fatalf("error is %v, want %s %s", err, field, fault)
	}
}

func wantKinds(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Fatalf("messages are %v, want %v", got, want)
	}
}
