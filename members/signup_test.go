package members

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
)

func TestSignUpVerifyLogIn(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	form := customer("Kim@Example.com")
	form.Marketing = true
	if err := b.SignUp(t.Context(), form); err != nil {
		t.Fatal(err)
	}
	m, err := b.logIn(t.Context(), "kim@example.com", form.Password)
	if err != nil || m.Verified {
		t.Fatalf("before verification: %+v, %v", m, err)
	}
	mail := b.lastMail(t, MailVerify)
	if mail.To != "Kim@Example.com" || mail.Name != "김하늘" || mail.Language != "ko" || mail.Life != VerifyLife {
		t.Errorf("mail is %+v", mail)
	}
	if !strings.HasPrefix(mail.Path, "/verify-email?token=") {
		t.Errorf("path is %q", mail.Path)
	}
	for range 2 { // mail programs open links before people do
		m, err = b.VerifyEmail(t.Context(), mail.token(t))
		if err != nil || !m.Verified || !m.Marketing || m.IsOperator() {
			t.Fatalf("verified: %+v, %v", m, err)
		}
	}
	if got, err := b.Get(t.Context(), m.ID); err != nil || !got.Verified {
		t.Errorf("Get: %+v, %v", got, err)
	}
}

func TestNothingStoredOrSentOpensAnAccount(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	if err := b.SignUp(t.Context(), customer("kim@example.com")); err != nil {
		t.Fatal(err)
	}
	_, subjects := b.posted(t)
	var id, hash []byte
	row := b.pool.QueryRowContext(t.Context(), "SELECT id, token_hash FROM member_token")
	if err := row.Scan(&id, &hash); err != nil {
		t.Fatal(err)
	}
	token := b.lastMail(t, MailVerify).token(t)
	for _, known := range []string{subjects[0], hex.EncodeToString(id), hex.EncodeToString(hash)} {
		if strings.Contains(token, known) {
			t.Errorf("the token holds %s", known)
		}
		_, err := b.VerifyEmail(t.Context(), known)
		wantErr(t, err, ErrLink)
	}
}

func TestSignUpWithAMembersAddressLooksTheSame(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	member := b.join(t, "kim@example.com")
	hashed := b.hasher.compared.Load()
	again := customer("KIM@example.com")
	again.Password, again.Name = "another password", "Somebody Else"
	if err := b.SignUp(t.Context(), again); err != nil {
		t.Fatalf("a known address answers %v", err)
	}
	if b.hasher.compared.Load() != hashed {
		t.Error("sign-up compared a password")
	}
	mail := b.lastMail(t, MailKnown)
	if mail.To != "kim@example.com" || mail.Name != member.Name || !strings.HasPrefix(mail.Path, "/password/reset?token=") {
		t.Errorf("mail is %+v", mail)
	}
	_, err := b.logIn(t.Context(), "kim@example.com", again.Password)
	wantErr(t, err, ErrCredentials)
	if _, err := b.logIn(t.Context(), "kim@example.com", customer("").Password); err != nil {
		t.Errorf("the owner's password: %v", err)
	}
}

func TestSignUpAgainBeforeVerificationTakesTheNewestPassword(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	stranger := customer("kim@example.com")
	stranger.Password = "planted by another"
	if err := b.SignUp(t.Context(), stranger); err != nil {
		t.Fatal(err)
	}
	planted, err := b.logIn(t.Context(), "kim@example.com", stranger.Password)
	if err != nil {
		t.Fatal(err)
	}
	old := b.lastMail(t, MailVerify).token(t)
	member := b.join(t, "kim@example.com")
	if member.ID != planted.ID || member.SessionEpoch <= planted.SessionEpoch {
		t.Errorf("the earlier sessions live on: %+v, then %+v", planted, member)
	}
	_, err = b.logIn(t.Context(), "kim@example.com", stranger.Password)
	wantErr(t, err, ErrCredentials)
	b.exec(t, "UPDATE member SET verified_at = NULL")
	_, err = b.VerifyEmail(t.Context(), old)
	wantErr(t, err, ErrLink)
}

func TestSignUpsOfOneAddressAtOnceMakeOneAccount(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			form := customer("kim@example.com")
			form.Password = fmt.Sprintf("password of try %d", i)
			if err := b.SignUp(t.Context(), form); err != nil {
				t.Errorf("try %d: %v", i, err)
			}
		})
	}
	all.Wait()
	var accounts int
	if err := b.pool.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM member").Scan(&accounts); err != nil || accounts != 1 {
		t.Fatalf("%d accounts (%v)", accounts, err)
	}
}

func TestVerificationLinkExpires(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	if err := b.SignUp(t.Context(), customer("kim@example.com")); err != nil {
		t.Fatal(err)
	}
	_, subjects := b.posted(t)
	token := b.lastMail(t, MailVerify).token(t)
	b.exec(t, "UPDATE member_token SET expires_at = NOW(6)")
	_, err := b.VerifyEmail(t.Context(), token)
	wantErr(t, err, ErrLinkExpired)
	_, err = b.Mail(t.Context(), MailVerify, subjects[0])
	wantErr(t, err, ErrLinkExpired)
	for _, made := range []string{"", "x", strings.Repeat("A", 43), strings.Repeat("A", 44), "한글"} {
		_, err := b.VerifyEmail(t.Context(), made)
		wantErr(t, err, ErrLink)
	}
}

func TestMailIsStillMadeAfterTheKeysChanged(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	if err := b.SignUp(t.Context(), customer("kim@example.com")); err != nil {
		t.Fatal(err)
	}
	b.linkKeys = testKeys("second", "first")("member link")
	if _, err := b.VerifyEmail(t.Context(), b.lastMail(t, MailVerify).token(t)); err != nil {
		t.Fatal(err)
	}
}

func TestResendVerification(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	from := netip.MustParseAddr("203.0.113.7")
	if err := b.SignUp(t.Context(), customer("kim@example.com")); err != nil {
		t.Fatal(err)
	}
	m, err := b.logIn(t.Context(), "kim@example.com", customer("").Password)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 * linksPerHour {
		if err := b.ResendVerification(t.Context(), m.ID, from); err != nil {
			t.Fatal(err)
		}
	}
	kinds, _ := b.posted(t)
	if len(kinds) != linksPerHour {
		t.Fatalf("%d mails in an hour, want %d", len(kinds), linksPerHour)
	}
	if _, err := b.VerifyEmail(t.Context(), b.lastMail(t, MailVerify).token(t)); err != nil {
		t.Fatal(err)
	}
	b.exec(t, "UPDATE member_token SET created_at = created_at - INTERVAL 2 HOUR")
	if err := b.ResendVerification(t.Context(), m.ID, from); err != nil {
		t.Fatal(err)
	}
	if kinds, _ := b.posted(t); len(kinds) != linksPerHour {
		t.Error("a verified member got one more mail")
	}
	wantErr(t, b.ResendVerification(t.Context(), m.ID+99, from), ErrUnknown)
}
