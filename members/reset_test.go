package members

import (
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var elsewhere = netip.MustParseAddr("198.51.100.9")

func TestResetPassword(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	before := b.join(t, "kim@example.com")
	for range 2 {
		if err := b.RequestReset(t.Context(), " KIM@example.com", elsewhere); err != nil {
			t.Fatal(err)
		}
	}
	_, subjects := b.posted(t)
	older, err := b.Mail(t.Context(), MailReset, subjects[len(subjects)-2])
	if err != nil {
		t.Fatal(err)
	}
	mail := b.lastMail(t, MailReset)
	if !strings.HasPrefix(mail.Path, "/password/reset?token=") || mail.Life != ResetLife {
		t.Errorf("mail is %+v", mail)
	}
	token := mail.token(t)
	if err := b.CheckReset(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	_, err = b.ResetPassword(t.Context(), token, "password1")
	wantFault(t, err, FieldPassword, TooCommon)

	after, err := b.ResetPassword(t.Context(), token, "four white pigeons")
	if err != nil || after.SessionEpoch <= before.SessionEpoch {
		t.Fatalf("before %+v, after %+v, %v", before, after, err)
	}
	if got, err := b.Get(t.Context(), before.ID); err != nil || got.SessionEpoch != after.SessionEpoch {
		t.Errorf("the old epoch is still cached: %+v, %v", got, err)
	}
	for _, used := range []string{token, older.token(t)} {
		_, err = b.ResetPassword(t.Context(), used, "five black pigeons")
		wantErr(t, err, ErrLink)
		wantErr(t, b.CheckReset(t.Context(), used), ErrLink)
	}
	_, err = b.logIn(t.Context(), "kim@example.com", customer("").Password)
	wantErr(t, err, ErrCredentials)
	if _, err := b.logIn(t.Context(), "kim@example.com", "four white pigeons"); err != nil {
		t.Error(err)
	}
	if mail := b.lastMail(t, MailChanged); mail.To != "kim@example.com" || mail.Path != "/password/reset" {
		t.Errorf("mail about the change is %+v", mail)
	}
}

func TestResetVerifiesTheAddress(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	if err := b.SignUp(t.Context(), customer("kim@example.com")); err != nil {
		t.Fatal(err)
	}
	if err := b.RequestReset(t.Context(), "kim@example.com", elsewhere); err != nil {
		t.Fatal(err)
	}
	m, err := b.ResetPassword(t.Context(), b.lastMail(t, MailReset).token(t), "four white pigeons")
	if err != nil || !m.Verified {
		t.Fatalf("%+v, %v", m, err)
	}
}

func TestResetOfAStrangersAddressAnswersTheSame(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	if err := b.RequestReset(t.Context(), "nobody@example.com", elsewhere); err != nil {
		t.Fatal(err)
	}
	if kinds, _ := b.posted(t); len(kinds) != 0 {
		t.Errorf("messages %v", kinds)
	}
	wantFault(t, b.RequestReset(t.Context(), "nobody", elsewhere), FieldEmail, Malformed)

	b.resetFloor = 50 * time.Millisecond
	start := time.Now()
	if err := b.RequestReset(t.Context(), "nobody@example.com", elsewhere); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < b.resetFloor {
		t.Errorf("answered after %v, before the floor of %v", took, b.resetFloor)
	}
}

func TestAResetLinkIsUsedOnceHoweverManyTryAtOnce(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.join(t, "kim@example.com")
	if err := b.RequestReset(t.Context(), "kim@example.com", elsewhere); err != nil {
		t.Fatal(err)
	}
	token := b.lastMail(t, MailReset).token(t)
	var all sync.WaitGroup
	var won atomic.Int64
	for range 8 {
		all.Go(func() {
			if _, err := b.ResetPassword(t.Context(), token, "four white pigeons"); err == nil {
				won.Add(1)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d of 8 used the link, want 1", won.Load())
	}
}

func TestALinkIsGoodForItsPurposeOnly(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	if err := b.SignUp(t.Context(), customer("kim@example.com")); err != nil {
		t.Fatal(err)
	}
	verify := b.lastMail(t, MailVerify).token(t)
	_, err := b.ResetPassword(t.Context(), verify, "four white pigeons")
	wantErr(t, err, ErrLink)
	if err := b.RequestReset(t.Context(), "kim@example.com", elsewhere); err != nil {
		t.Fatal(err)
	}
	_, err = b.VerifyEmail(t.Context(), b.lastMail(t, MailReset).token(t))
	wantErr(t, err, ErrLink)
	b.exec(t, "UPDATE member_token SET expires_at = NOW(6) WHERE purpose = 'reset'")
	_, subjects := b.posted(t)
	_, err = b.Mail(t.Context(), MailReset, subjects[len(subjects)-1])
	wantErr(t, err, ErrLinkExpired)
}

func TestStrangersCannotFloodAMailbox(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.join(t, "kim@example.com")
	for range 4 {
		if err := b.RequestReset(t.Context(), "kim@example.com", elsewhere); err != nil {
			t.Fatal(err)
		}
		if err := b.SignUp(t.Context(), customer("kim@example.com")); err != nil {
			t.Fatal(err)
		}
	}
	kinds, _ := b.posted(t)
	wantKinds(t, kinds, MailVerify, MailReset, MailKnown, MailReset, MailKnown, MailReset)
}

func TestBudgetStopsMachines(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	for range budgetUses {
		if err := b.budget(t.Context(), "reset", elsewhere); err != nil {
			t.Fatal(err)
		}
	}
	err := b.RequestReset(t.Context(), "kim@example.com", elsewhere)
	wantErr(t, err, ErrThrottled)
	if err := b.RequestReset(t.Context(), "kim@example.com", netip.MustParseAddr("198.51.100.10")); err != nil {
		t.Errorf("another address: %v", err)
	}
}

func TestNetworkOfAnAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"198.51.100.9": "198.51.100.9", "::ffff:198.51.100.9": "198.51.100.9",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64",
	} {
		if got := network(netip.MustParseAddr(address)); got != want {
			t.Errorf("network(%s) = %s, want %s", address, got, want)
		}
	}
}
