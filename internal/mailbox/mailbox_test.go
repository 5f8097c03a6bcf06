package mailbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"go.uber.org/goleak"

	"pigonair/internal/mail"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func start(t testing.TB, dir string) *Mailbox {
	t.Helper()
	m := New(Config{SMTPAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", Dir: dir, Now: func() time.Time { return noon }})
	if err := m.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Stop)
	return m
}

func newSender(t testing.TB, m *Mailbox) *mail.Sender {
	t.Helper()
	s, err := mail.New(mail.Config{URL: m.SMTPURL(), From: "PigonAir <no-reply@pigonair.test>", Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func ticketMail(to, id string) mail.Message {
	return mail.Message{
		To: to, Subject: "김포 → 제주 🎫", Text: "예약번호 K7M2QX\nhttps://pigonair.test/bookings/K7M2QX.", HTML: "<p>예약번호 <b>K7M2QX</b></p>",
		MessageID: id + "@pigonair.test", Lang: "ko",
		Attachments: []mail.Attachment{{Name: "전자항공권 K7M2QX.pdf", Type: "application/pdf", Content: []byte("%PDF-1.3\x00\xff")}},
	}
}

func deliver(t testing.TB, s *mail.Sender, m mail.Message) {
	t.Helper()
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

// get fetches a page of the mailbox.
func get(t testing.TB, m *Mailbox, path string, status int) (string, http.Header) {
	t.Helper()
	response, err := http.Get(m.URL() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != status {
		t.Fatalf("%s: %s, %v\n%s", path, response.Status, err, body)
	}
	return string(body), response.Header
}

func messages(t testing.TB, m *Mailbox, query string) []map[string]any {
	t.Helper()
	body, _ := get(t, m, "/messages.json"+query, http.StatusOK)
	var out []map[string]any
	if err := json.Unmarshal([]byte(body), &out); err != nil || out == nil {
		t.Fatalf("%s: %v", body, err)
	}
	return out
}

func TestMailIsShownWhole(t *testing.T) {
	t.Parallel()
	m := start(t, t.TempDir())
	deliver(t, newSender(t, m), ticketMail("Sky@example.test", "ticket.1"))
	got := messages(t, m, "?to=sky@EXAMPLE.test")
	if len(got) != 1 {
		t.Fatalf("%d mails", len(got))
	}
	want := map[string]any{
		"id": "1", "to": "Sky@example.test", "from": "no-reply@pigonair.test", "subject": "김포 → 제주 🎫",
		"text": "예약번호 K7M2QX\nhttps://pigonair.test/bookings/K7M2QX.", "html": "<p>예약번호 <b>K7M2QX</b></p>",
		"message_id": "ticket.1@pigonair.test", "received_at": "2026-12-01T12:00:00Z",
		"attachments": []any{map[string]any{"name": "전자항공권 K7M2QX.pdf", "type": "application/pdf", "size": 10.0}},
	}
	for key, value := range want {
		if text, ok := got[0][key].(string); ok {
			got[0][key] = strings.TrimRight(text, "\r\n")
		}
		if fmt.Sprint(got[0][key]) != fmt.Sprint(value) {
			t.Errorf("%s: %q, want %q", key, got[0][key], value)
		}
	}
	if len(got[0]) != len(want) {
		t.Errorf("fields %v", got[0])
	}
}

func TestListIsNewestFirstAndAtMostAHundred(t *testing.T) {
	t.Parallel()
	m := start(t, t.TempDir())
	s := newSender(t, m)
	for i := range 105 {
		deliver(t, s, ticketMail("a@example.test", fmt.Sprint(i)))
	}
	deliver(t, s, ticketMail("b@example.test", "105"))
	got := messages(t, m, "")
	if len(got) != 100 || got[0]["message_id"] != "105@pigonair.test" || got[99]["message_id"] != "6@pigonair.test" {
		t.Errorf("%d mails from %v to %v", len(got), got[0]["message_id"], got[len(got)-1]["message_id"])
	}
	if got := messages(t, m, "?to=b@example.test"); len(got) != 1 {
		t.Errorf("%d mails to b", len(got))
	}
	if got := messages(t, m, "?to=nobody@example.test"); len(got) != 0 {
		t.Errorf("%d mails to nobody", len(got))
	}
	first, _ := get(t, m, "/?to=a@example.test", http.StatusOK)
	if strings.Count(first, "<li>") != 50 || !strings.Contains(first, "before=56") {
		t.Errorf("%d mails on the first page", strings.Count(first, "<li>"))
	}
	last, _ := get(t, m, "/?to=a@example.test&before=6", http.StatusOK)
	if strings.Count(last, "<li>") != 5 || strings.Contains(last, "before=") {
		t.Errorf("%d mails on the last page", strings.Count(last, "<li>"))
	}
}

func TestPagesAreSafe(t *testing.T) {
	t.Parallel()
	m := start(t, t.TempDir())
	evil := ticketMail("a@example.test", "evil")
	evil.Subject, evil.Text = "<script>alert(1)</script>", `<img src=x onerror=alert(1)> javascript:alert(1) https://pigonair.test/a?b=c&d="onclick=x`
	evil.HTML = `<script>alert(1)</script><p>Hi</p>`
	deliver(t, newSender(t, m), evil)
	for _, path := range []string{"/", "/messages/1"} {
		body, header := get(t, m, path, http.StatusOK)
		if strings.Contains(body, "<script>alert") || strings.Contains(body, "<img src=x") || strings.Contains(body, `href="javascript:`) {
			t.Errorf("%s runs what the mail says:\n%s", path, body)
		}
		if header.Get("Content-Security-Policy") != pagePolicy || header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, header)
		}
	}
	page, _ := get(t, m, "/messages/1", http.StatusOK)
	for _, want := range []string{`href="https://pigonair.test/a?b=c&amp;d="`, `src="/messages/1/html"`, `sandbox="allow-popups`, `href="/messages/1/attachments/1"`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
	if _, header := get(t, m, "/messages/1/html", http.StatusOK); header.Get("Content-Security-Policy") != mailPolicy {
		t.Errorf("HTML part: %v", header)
	}
	file, header := get(t, m, "/messages/1/attachments/1", http.StatusOK)
	if file != "%PDF-1.3\x00\xff" || header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(header.Get("Content-Disposition"), "attachment;") {
		t.Errorf("attachment: %v", header)
	}
	if raw, header := get(t, m, "/messages/1/raw", http.StatusOK); !strings.Contains(raw, "Message-ID: <evil@") || header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("source: %v", header)
	}
}

func TestWrongAddressesOfPages(t *testing.T) {
	t.Parallel()
	m := start(t, t.TempDir())
	plain := ticketMail("a@example.test", "plain")
	plain.HTML, plain.Attachments = "", nil
	deliver(t, newSender(t, m), plain)
	for path, status := range map[string]int{
		"/messages/2": 404, "/messages/x": 404, "/messages/-1": 404, "/messages/1/html": 404, "/messages/1/attachments/1": 404,
		"/messages/1/attachments/0": 404, "/?before=x": 400, "/?before=-1": 400, "/nothing": 404, "/messages/2/raw": 404,
		"/style.css": 200, "/icon.svg": 200, "/healthz": 200, "/messages/1": 200, "/?before=1": 200,
	} {
		get(t, m, path, status)
	}
}

// setRefuse turns the fault switch, as a page of that origin would.
func setRefuse(t testing.TB, m *Mailbox, on, origin string, status int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.URL()+"/admin/refuse?on="+on, nil)
	if err != nil {
		t.Fatal(err)
	}
	if origin != "" {
		request.Header.Set("Origin", origin)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != status {
		t.Errorf("on=%s from %q: %s", on, origin, response.Status)
	}
}

func TestFaultSwitch(t *testing.T) {
	t.Parallel()
	m := start(t, t.TempDir())
	s := newSender(t, m)
	setRefuse(t, m, "1", "", http.StatusOK)
	if err := s.Send(t.Context(), ticketMail("a@example.test", "1")); err == nil || errors.Is(err, mail.ErrPermanent) {
		t.Errorf("while refusing: %v", err)
	}
	if body, _ := get(t, m, "/admin/refuse", http.StatusOK); body != `{"refuse":true,"refused":1}`+"\n" {
		t.Errorf("state %s", body)
	}
	setRefuse(t, m, "maybe", "", http.StatusBadRequest)
	setRefuse(t, m, "0", "https://evil.test", http.StatusForbidden)
	setRefuse(t, m, "0", "", http.StatusOK)
	deliver(t, s, ticketMail("a@example.test", "1"))
	if got := messages(t, m, ""); len(got) != 1 {
		t.Errorf("%d mails", len(got))
	}
}

func TestMailsOutliveTheMailbox(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := start(t, dir)
	deliver(t, newSender(t, m), ticketMail("a@example.test", "1"))
	if err := New(m.config).Start(t.Context()); !errors.Is(err, ErrInUse) {
		t.Errorf("a second mailbox in the folder: %v", err)
	}
	m.Stop()
	m.Stop()
	if err := m.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	deliver(t, newSender(t, m), ticketMail("a@example.test", "2"))
	if got := messages(t, m, "?to=a@example.test"); len(got) != 2 || got[0]["id"] != "2" {
		t.Errorf("%v", got)
	}
}

// A conversation that waits for its client does not hold up the end, and the end
// of the context is an end too.
func TestStopsAlthoughClientsWait(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	m := New(Config{SMTPAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", Dir: t.TempDir()})
	if err := m.Start(ctx); err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(m.SMTPURL(), "smtp://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	text := textproto.NewConn(conn)
	if _, _, err := text.ReadResponse(220); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := text.ReadLine(); err == nil {
		t.Error("the conversation goes on")
	}
	m.Stop()
	if _, err := net.Dial("tcp", strings.TrimPrefix(m.SMTPURL(), "smtp://")); err == nil {
		t.Error("still listens")
	}
}

func TestAddressesInUseAreErrors(t *testing.T) {
	t.Parallel()
	m := start(t, t.TempDir())
	taken := strings.TrimPrefix(m.URL(), "http://")
	for _, c := range []Config{
		{SMTPAddr: taken, HTTPAddr: "127.0.0.1:0", Dir: t.TempDir()},
		{SMTPAddr: "127.0.0.1:0", HTTPAddr: taken, Dir: t.TempDir()},
	} {
		other := New(c)
		if err := other.Start(t.Context()); err == nil {
			other.Stop()
			t.Error("started on a taken address")
		}
	}
}

func TestOddMailsAreKept(t *testing.T) {
	t.Parallel()
	m := start(t, t.TempDir())
	client, err := smtp.Dial(strings.TrimPrefix(m.SMTPURL(), "smtp://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	odd := []string{"", "no header at all", "Subject: =?utf-8?q?=FF=FE?=\r\n\r\n\xff\xfe", "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n", "Subject: a\r\n\tb\r\n\r\n.\r\n"}
	for _, raw := range odd {
		if err := client.SendMail("", []string{"a@example.test", "b@example.test"}, strings.NewReader(raw)); err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
	}
	if got := messages(t, m, "?to=b@example.test"); len(got) != len(odd) || got[0]["to"] != "a@example.test, b@example.test" {
		t.Errorf("%d mails", len(got))
	}
	for i := range odd {
		get(t, m, fmt.Sprintf("/messages/%d", i+1), http.StatusOK)
	}
}

func TestManyArriveAtOnce(t *testing.T) {
	t.Parallel()
	m := start(t, t.TempDir())
	s := newSender(t, m)
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			if err := s.Send(t.Context(), ticketMail(fmt.Sprintf("%d@example.test", i%6), fmt.Sprint(i))); err != nil {
				t.Error(err)
			}
			get(t, m, "/", http.StatusOK)
		})
	}
	wg.Wait()
	for i := range 6 {
		if got := messages(t, m, fmt.Sprintf("?to=%d@example.test", i)); len(got) != 10 {
			t.Errorf("%d mails to %d", len(got), i)
		}
	}
}

func TestStopsRightAfterItsStart(t *testing.T) {
	t.Parallel()
	m := New(Config{SMTPAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", Dir: t.TempDir()})
	for range 50 {
		if err := m.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		m.Stop()
	}
}
