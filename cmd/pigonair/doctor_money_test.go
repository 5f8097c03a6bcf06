package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pigonair/internal/testenv"
	"pigonair/payment"
)

func TestPrintMoney(t *testing.T) {
	t.Parallel()
	day := payment.Sums{Captured: 187800, Refunded: 92900, Applied: 187800, Kept: 93900, Open: 1000}
	odd := payment.Sums{Captured: 500, Difference: 500}
	total := payment.Sums{Captured: 188300, Refunded: 92900, Applied: 187800, Kept: 93900, Open: 1000, Difference: 500}
	var out bytes.Buffer
	err := printMoney(&out, payment.Balance{Total: total, Days: []payment.Day{{Date: "2026-12-23", Sums: odd}, {Date: "2026-12-24", Sums: day}},
		Odd: []payment.Oddity{{PaymentID: "p-1", Difference: 500}, {PaymentID: "pa-2", State: payment.Applied, Difference: -7}}},
		[]payment.Finding{{PaymentID: "p-1", Kind: payment.FindingNoRow, Amount: 500, Detail: "PAID", FoundAt: time.Date(2026, 12, 24, 1, 2, 3, 0, time.UTC)}})
	want := `
         day  captured  refunded  applied   kept  open  difference
  2026-12-23       500         0        0      0     0         500
  2026-12-24    187800     92900   187800  93900  1000           0
       total    188300     92900   187800  93900  1000         500
p-1 (unknown to us): the gateway has 500 won more than our books
pa-2 (applied): the gateway has -7 won more than our books
p-1: no_row, 500 won, found 2026-12-24T01:02:03Z: PAID
`
	if got := "\n" + out.String(); err != nil || got != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
}

func TestLastDays(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 24, 15, 30, 0, 0, time.UTC) // half past midnight of the 25th in Korea
	if got := lastDays(now, 2); !got.from.Equal(time.Date(2026, 12, 23, 15, 0, 0, 0, time.UTC)) || !got.until.Equal(now) {
		t.Errorf("%v", got)
	}
}

func TestDoctorMoney(t *testing.T) {
	t.Parallel()
	const stranger = `{"id":"p-1","storeId":"store-test","status":"PAID","amount":{"total":500}}`
	list := `{"items":[]}`
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/payments/p-1" {
			_, _ = io.WriteString(w, stranger)
			return
		}
		_, _ = io.WriteString(w, list)
	}))
	defer gateway.Close()
	values := map[string]string{"PIGONAIR_DB_DSN": testenv.DSN(t), "PIGONAIR_PORTONE_BASE_URL": gateway.URL,
		"PIGONAIR_PORTONE_STORE_ID": "store-test", "PIGONAIR_PORTONE_API_SECRET": "secret"}
	doctor := func(args ...string) (code int, out string) {
		var stdout, stderr bytes.Buffer
		code = run(t.Context(), append([]string{"doctor", "--money"}, args...), environment{&stdout, &stderr, func(name string) string { return values[name] }})
		return code, stdout.String() + stderr.String()
	}
	if code, out := doctor(); code != exitFine || !strings.Contains(out, "difference") {
		t.Errorf("%d: %s", code, out)
	}
	list = `{"items":[{"payment":` + stranger + `,"cursor":"1"}]}`
	if code, out := doctor(); code != exitFail || !strings.Contains(out, "p-1 (unknown to us): the gateway has 500 won more") {
		t.Errorf("%d: %s", code, out)
	}
	if code, out := doctor("--days", "0"); code != exitUsage || !strings.Contains(out, "--days") {
		t.Errorf("%d: %s", code, out)
	}
	values["PIGONAIR_PORTONE_STORE_ID"] = ""
	if code, out := doctor(); code != exitUsage || !strings.Contains(out, "PIGONAIR_PORTONE_STORE_ID") {
		t.Errorf("%d: %s", code, out)
	}
}
