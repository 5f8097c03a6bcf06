package members

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"pigonair/db"
)

func TestAuthenticateTellsStrangersNothing(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.join(t, "kim@example.com")
	for _, email := range []string{"kim@example.com", "nobody@example.com"} {
		before := b.hasher.compared.Load()
		_, err := b.logIn(t.Context(), email, "not the password")
		if err != ErrCredentials {
			t.Errorf("%s: %v, want the bare ErrCredentials", email, err)
		}
		if n := b.hasher.compared.Load() - before; n != 1 {
			t.Errorf("%s: %d comparisons, want 1", email, n)
		}
	}
	_, err := b.logIn(t.Context(), "kim", "x")
	wantFault(t, err, FieldEmail, Malformed)
	_, err = b.logIn(t.Context(), "kim@example.com", "")
	wantFault(t, err, FieldPassword, Missing)
}

func TestAuthenticateTakesAPasswordHoweverItIsComposed(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	form := customer("kim@example.com")
	form.Password = "비둘기는 잘 난다"
	if err := b.SignUp(t.Context(), form); err != nil {
		t.Fatal(err)
	}
	decomposed := "\u1107\u1175\u1103\u116e\u11af\u1100\u1175\u1102\u1173\u11ab \u110c\u1161\u11af \u1102\u1161\u11ab\u1103\u1161"
	if _, err := b.logIn(t.Context(), "kim@example.com", decomposed); err != nil {
		t.Fatal(err)
	}
}

func TestGuessingIsSlowedDownForTheGuesserOnly(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	m := b.join(t, "kim@example.com")
	guess := Attempt{Email: "kim@example.com", Password: "wrong", From: netip.MustParseAddr("198.51.100.1")}
	for range 5 {
		_, err := b.Authenticate(t.Context(), guess)
		wantErr(t, err, ErrCredentials)
	}
	compared := b.hasher.compared.Load()
	right := guess
	right.Password = customer("").Password
	_, err := b.Authenticate(t.Context(), right)
	wantWait(t, err, ErrThrottled)
	if b.hasher.compared.Load() != compared {
		t.Error("a throttled attempt was hashed")
	}
	if _, err := b.logIn(t.Context(), "kim@example.com", right.Password); err != nil {
		t.Errorf("from another address: %v", err)
	}
	right.Device = b.NewDevice(m.ID)
	if _, err := b.Authenticate(t.Context(), right); err != nil {
		t.Errorf("from a known device behind the guesser's address: %v", err)
	}
	right.Device = b.NewDevice(m.ID + 1)
	_, err = b.Authenticate(t.Context(), right)
	wantErr(t, err, ErrThrottled)
}

func TestGuessingFromManyAddressesIsSlowedDownToo(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	m := b.join(t, "kim@example.com")
	for i := range 100 {
		from := netip.MustParseAddr(fmt.Sprintf("198.51.100.%d", i))
		_, err := b.Authenticate(t.Context(), Attempt{Email: "kim@example.com", Password: "wrong", From: from})
		wantErr(t, err, ErrCredentials)
	}
	right := Attempt{Email: "kim@example.com", Password: customer("").Password, From: netip.MustParseAddr("192.0.2.1")}
	_, err := b.Authenticate(t.Context(), right)
	wantWait(t, err, ErrThrottled)
	right.Device = b.NewDevice(m.ID)
	if _, err := b.Authenticate(t.Context(), right); err != nil {
		t.Errorf("the owner's device: %v", err)
	}
}

func TestTheLongestDelayIsAMinute(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	limits := []limit{{key: "k", free: 1, longest: time.Minute}}
	for range 40 {
		if err := b.throttle.take(t.Context(), limits); err != nil {
			t.Fatal(err)
		}
		// The wait is over: as if that long had passed.
		redis := b.throttle.redis
		if err := redis.Do(t.Context(), redis.B().Hset().Key("k").FieldValue().FieldValue("due", "0").Build()).Error(); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.throttle.take(t.Context(), limits); err != nil {
		t.Fatal(err)
	}
	err := b.throttle.take(t.Context(), limits)
	var wait *WaitError
	if !errors.As(err, &wait) || wait.Wait > time.Minute || wait.Wait < 50*time.Second {
		t.Fatalf("after 41 attempts: %v", err)
	}
	if err := b.throttle.succeed(t.Context(), limits); err != nil {
		t.Fatal(err)
	}
	if err := b.throttle.take(t.Context(), limits); err != nil {
		t.Errorf("after a success: %v", err)
	}
}

func TestLimitsAreOffOnLoopbackInADemoOnly(t *testing.T) {
	t.Parallel()
	b := newBundle(t, func(o *Options) { o.Demo = true })
	for address, want := range map[string]bool{"127.0.0.1": true, "::1": true, "::ffff:127.0.0.1": true, "192.0.2.1": false} {
		if got := b.unlimited(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	for range 8 {
		_, err := b.Authenticate(t.Context(), Attempt{Email: "a@example.com", Password: "wrong", From: netip.MustParseAddr("127.0.0.1")})
		wantErr(t, err, ErrCredentials)
	}
	b.demo = false
	if b.unlimited(netip.MustParseAddr("127.0.0.1")) {
		t.Error("loopback is free outside a demo")
	}
}

func TestABusyGateCostsNoAttempt(t *testing.T) {
	t.Parallel()
	b := newBundle(t, func(o *Options) { o.Gate = GateLimits{Slots: 1, Queue: 1, Patience: time.Millisecond} })
	b.gate.slots <- struct{}{} // a hash that takes for ever
	for range 8 {
		_, err := b.logIn(t.Context(), "kim@example.com", "some password")
		wantWait(t, err, ErrBusy)
	}
	<-b.gate.slots
	_, err := b.logIn(t.Context(), "kim@example.com", "some password")
	wantErr(t, err, ErrCredentials)
	if load := b.HashLoad(); load.Refused != 8 || load.Waiting != 0 || load.Running != 0 {
		t.Errorf("load is %+v", load)
	}
}

func TestOperatorsDoorAndSecondFactor(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	m := b.join(t, "kim@example.com")
	attempt := Attempt{Email: "kim@example.com", Password: customer("").Password, Operators: true}
	_, err := b.Authenticate(t.Context(), attempt)
	wantErr(t, err, ErrCredentials)
	b.exec(t, "UPDATE member SET role = 'support'")
	if m, err := b.Authenticate(t.Context(), attempt); err != nil || !m.IsOperator() {
		t.Fatalf("operator: %+v, %v", m, err)
	}

	const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	if err := b.SetSecondFactor(t.Context(), m.ID, secret); err != nil {
		t.Fatal(err)
	}
	_, err = b.Authenticate(t.Context(), attempt)
	wantErr(t, err, ErrSecondFactor)
	code, err := totp.GenerateCode(secret, *b.now.Load())
	if err != nil {
		t.Fatal(err)
	}
	attempt.Code = code[:3] + " " + code[3:]
	if _, err := b.Authenticate(t.Context(), attempt); err != nil {
		t.Fatalf("right code: %v", err)
	}
	_, err = b.Authenticate(t.Context(), attempt)
	wantErr(t, err, ErrCredentials) // a code is good once
	b.advance(5 * time.Minute)
	for _, wrong := range []string{code, "12345", "abcdef"} {
		attempt.Code = wrong
		_, err = b.Authenticate(t.Context(), attempt)
		wantErr(t, err, ErrCredentials)
	}
	if err := b.SetSecondFactor(t.Context(), m.ID, "not base32!"); err == nil {
		t.Error("a malformed secret was taken")
	}
}

func TestSecondFactorIsSealedToItsMember(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	sealed, err := b.seal([]byte("secret"), secretOf(1))
	if err != nil {
		t.Fatal(err)
	}
	b.sealKeys = testKeys("second", "first")("member second factor")
	if got, err := b.open(sealed, secretOf(1)); err != nil || string(got) != "secret" {
		t.Errorf("opened as %q, %v", got, err)
	}
	for _, id := range []int64{2, 256} {
		_, err := b.open(sealed, secretOf(id))
		wantErr(t, err, errSealed)
	}
	_, err = b.open([]byte("short"), secretOf(1))
	wantErr(t, err, errSealed)
}

func TestNobodyLogsInToAnAccountWithoutPassword(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	m := b.join(t, "kim@example.com")
	if err := db.New(b.pool).MemberSetPassword(t.Context(), noPassword, m.ID); err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{noPassword, customer("").Password} {
		_, err := b.logIn(t.Context(), "kim@example.com", password)
		wantErr(t, err, ErrCredentials)
	}
}
