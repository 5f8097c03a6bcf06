package members

import (
	"context"
	"errors"
	"testing"
)

func TestUpdateProfile(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	m := b.join(t, "kim@example.com")
	got, err := b.UpdateProfile(t.Context(), m.ID, Profile{Name: " Kim  Haneul", Language: "en", Marketing: true})
	if err != nil || got.Name != "Kim Haneul" || got.Language != "en" || !got.Marketing {
		t.Fatalf("%+v, %v", got, err)
	}
	if cached, err := b.Get(t.Context(), m.ID); err != nil || cached != got {
		t.Errorf("Get gives %+v, %v", cached, err)
	}
	_, err = b.UpdateProfile(t.Context(), m.ID, Profile{Name: " "})
	wantFault(t, err, FieldName, Missing)
	_, err = b.UpdateProfile(t.Context(), m.ID+99, Profile{Name: "Kim"})
	wantErr(t, err, ErrUnknown)
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	m := b.join(t, "kim@example.com")
	old := customer("").Password
	change := func(current, next string) (Member, error) {
		return b.ChangePassword(t.Context(), m.ID, PasswordChange{Current: current, New: next, From: elsewhere})
	}
	_, err := change("", "four white pigeons")
	wantFault(t, err, FieldCurrent, Missing)
	_, err = change(old, "kim@example.com")
	wantFault(t, err, FieldPassword, IsEmail)
	for range 5 {
		_, err = change("a guess", "four white pigeons")
		wantFault(t, err, FieldCurrent, Wrong)
	}
	_, err = change(old, "four white pigeons")
	wantWait(t, err, ErrThrottled)
	if err := b.throttle.redis.Do(t.Context(), b.throttle.redis.B().Flushdb().Build()).Error(); err != nil {
		t.Fatal(err)
	}
	after, err := change(old, "four white pigeons")
	if err != nil || after.SessionEpoch != m.SessionEpoch+1 {
		t.Fatalf("%+v, %v", after, err)
	}
	b.lastMail(t, MailChanged)
	if _, err := b.logIn(t.Context(), "kim@example.com", "four white pigeons"); err != nil {
		t.Error(err)
	}
}

func TestGetAsksTheDatabaseOncePerFewSeconds(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	m := b.join(t, "kim@example.com")
	reads := 0
	count := func(ctx context.Context, id int64) (Member, error) {
		reads++
		return b.load(ctx, id)
	}
	b.cache.drop(m.ID)
	for range 3 {
		if _, err := b.cache.get(t.Context(), m.ID, count); err != nil {
			t.Fatal(err)
		}
	}
	if reads != 1 {
		t.Errorf("%d reads, want 1", reads)
	}
	b.advance(cacheLife)
	if _, err := b.cache.get(t.Context(), m.ID, count); err != nil || reads != 2 {
		t.Errorf("%d reads after the cache's life, want 2 (%v)", reads, err)
	}
	for range 2 {
		_, err := b.Get(t.Context(), m.ID+99)
		wantErr(t, err, ErrUnknown)
	}
}

func TestDemoAccountsAlwaysLogIn(t *testing.T) {
	t.Parallel()
	b := newBundle(t, func(o *Options) { o.Demo = true })
	for round := range 2 {
		if err := b.EnsureDemo(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, a := range []DemoAccount{DemoCustomer(), DemoOperator()} {
			m, err := b.Authenticate(t.Context(), Attempt{Email: a.Email, Password: a.Password, Operators: a.Role != RoleCustomer})
			if err != nil || !m.Verified || m.Role != a.Role || m.Name != a.Name {
				t.Fatalf("round %d: %+v, %v", round, m, err)
			}
		}
		b.exec(t, "UPDATE member SET password_hash = 'other', verified_at = NULL")
	}
}

func TestEnsureManyMakesWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := newBundle(t, func(o *Options) { o.Demo = true })
	first, err := b.EnsureMany(t.Context(), 3)
	if err != nil || len(first) != 3 {
		t.Fatalf("%d members, %v", len(first), err)
	}
	all, err := b.EnsureMany(t.Context(), loadChunk+5)
	if err != nil || len(all) != loadChunk+5 || all[2] != first[2] || !all[loadChunk].Verified {
		t.Fatalf("%d members, %v", len(all), err)
	}
	if again, err := b.EnsureMany(t.Context(), 2); err != nil || len(again) != 2 {
		t.Errorf("%d members, %v", len(again), err)
	}
}

func TestDemoHelpersAreRefusedElsewhere(t *testing.T) {
	t.Parallel()
	var s Service
	wantErr(t, s.EnsureDemo(t.Context()), ErrDemoOnly)
	_, err := s.EnsureMany(t.Context(), 1)
	wantErr(t, err, ErrDemoOnly)
}

func TestNewNeedsKeys(t *testing.T) {
	t.Parallel()
	if _, err := New(Options{Keys: func(string) [][]byte { return nil }}); err == nil {
		t.Fatal("a service without keys")
	}
}

func TestMailOfUnknownSubjects(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	for kind, want := range map[string]error{MailVerify: ErrLink, MailReset: ErrLink, MailChanged: ErrUnknown} {
		for _, subject := range []string{"", "77", "zz", "000102030405060708090a0b0c0d0e0f"} {
			if _, err := b.Mail(t.Context(), kind, subject); !errors.Is(err, want) {
				t.Errorf("%s %q: %v, want %v", kind, subject, err, want)
			}
		}
	}
}

// A lost Redis must refuse, not open the door to guessing.
func TestNoLogInWithoutLimits(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.join(t, "kim@example.com")
	compared := b.hasher.compared.Load()
	b.throttle.redis.Close()
	_, err := b.logIn(t.Context(), "kim@example.com", customer("").Password)
	wantErr(t, err, ErrAway)
	if b.hasher.compared.Load() != compared {
		t.Error("a password was compared without a limit")
	}
}
