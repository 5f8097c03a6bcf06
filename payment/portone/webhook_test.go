package portone_test

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"pigonair/payment/portone"
)

// The published test vector.
const (
	vectorSecret    = "pzQGE83cSIRKM4/WH5QY+g=="
	vectorID        = "dummy-webhook-id"
	vectorTime      = 1714039200
	vectorBody      = `{"test":"test payload"}`
	vectorSignature = "v1,AMuZERspSjUAnx8CvPtk1FoKRwbyI5Dg3Uj9585DiMQ="
)

func at(seconds int64) func() time.Time {
	return func() time.Time { return time.Unix(seconds, 0) }
}

func headers(id, stamp, signature string) http.Header {
	h := http.Header{}
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", stamp)
	h.Set("webhook-signature", signature)
	return h
}

func verifier(t testing.TB, now func() time.Time, secrets ...string) *portone.Verifier {
	t.Helper()
	v, err := portone.NewVerifier(now, secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWebhookVector(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{vectorSecret, "whsec_" + vectorSecret} {
		got, err := portone.Sign(secret, vectorID, time.Unix(vectorTime, 0), []byte(vectorBody))
		if err != nil || got != vectorSignature {
			t.Errorf("Sign = %q, %v", got, err)
		}
		h := headers(vectorID, strconv.Itoa(vectorTime), vectorSignature)
		if err := verifier(t, at(vectorTime), secret).Check(h, []byte(vectorBody)); err != nil {
			t.Errorf("Check: %v", err)
		}
	}
}

func TestWebhookRefusals(t *testing.T) {
	t.Parallel()
	stamp := strconv.Itoa(vectorTime)
	for name, c := range map[string]struct {
		id, stamp, signature, body string
		now                        int64
		want                       error
	}{
		"good":              {vectorID, stamp, vectorSignature, vectorBody, vectorTime, nil},
		"just old enough":   {vectorID, stamp, vectorSignature, vectorBody, vectorTime + 300, nil},
		"too old":           {vectorID, stamp, vectorSignature, vectorBody, vectorTime + 301, portone.ErrWebhookTime},
		"just early enough": {vectorID, stamp, vectorSignature, vectorBody, vectorTime - 300, nil},
		"too early":         {vectorID, stamp, vectorSignature, vectorBody, vectorTime - 301, portone.ErrWebhookTime},
		"absurd time":       {vectorID, "-9223372036854775808", vectorSignature, vectorBody, vectorTime, portone.ErrWebhookTime},
		"other id":          {"other", stamp, vectorSignature, vectorBody, vectorTime, portone.ErrWebhookSignature},
		"other time":        {vectorID, strconv.Itoa(vectorTime + 1), vectorSignature, vectorBody, vectorTime, portone.ErrWebhookSignature},
		"same time, spelt":  {vectorID, "+" + stamp, vectorSignature, vectorBody, vectorTime, portone.ErrWebhookSignature},
		"other body":        {vectorID, stamp, vectorSignature, vectorBody + " ", vectorTime, portone.ErrWebhookSignature},
		"other scheme":      {vectorID, stamp, strings.Replace(vectorSignature, "v1,", "v2,", 1), vectorBody, vectorTime, portone.ErrWebhookSignature},
		"not base64":        {vectorID, stamp, "v1,%%%", vectorBody, vectorTime, portone.ErrWebhookSignature},
		"shortened":         {vectorID, stamp, "v1,AMuZERs=", vectorBody, vectorTime, portone.ErrWebhookSignature},
		"several":           {vectorID, stamp, "v1,AAAA v2,x " + vectorSignature, vectorBody, vectorTime, nil},
		"too many":          {vectorID, stamp, strings.Repeat("v1,AAAA ", 20) + vectorSignature, vectorBody, vectorTime, portone.ErrWebhookHeaders},
		"no signature":      {vectorID, stamp, "", vectorBody, vectorTime, portone.ErrWebhookHeaders},
		"no id":             {"", stamp, vectorSignature, vectorBody, vectorTime, portone.ErrWebhookHeaders},
		"long id":           {strings.Repeat("i", 300), stamp, vectorSignature, vectorBody, vectorTime, portone.ErrWebhookHeaders},
		"no time":           {vectorID, "", vectorSignature, vectorBody, vectorTime, portone.ErrWebhookHeaders},
		"time in words":     {vectorID, "now", vectorSignature, vectorBody, vectorTime, portone.ErrWebhookHeaders},
		"long body":         {vectorID, stamp, vectorSignature, strings.Repeat("x", portone.MaxWebhookBody+1), vectorTime, portone.ErrWebhookBody},
	} {
		err := verifier(t, at(c.now), vectorSecret).Check(headers(c.id, c.stamp, c.signature), []byte(c.body))
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestWebhookSecretRotation: while two secrets live, messages of both count;
// once the old one is gone, its messages do not.
func TestWebhookSecretRotation(t *testing.T) {
	t.Parallel()
	const newSecret = "whsec_bmV3LXNlY3JldC1uZXctc2VjcmV0"
	h := headers(vectorID, strconv.Itoa(vectorTime), vectorSignature)
	if err := verifier(t, at(vectorTime), newSecret, vectorSecret).Check(h, []byte(vectorBody)); err != nil {
		t.Errorf("both live: %v", err)
	}
	if err := verifier(t, at(vectorTime), newSecret).Check(h, []byte(vectorBody)); !errors.Is(err, portone.ErrWebhookSignature) {
		t.Errorf("old one gone: %v", err)
	}
}

func TestWebhookSecrets(t *testing.T) {
	t.Parallel()
	for _, secrets := range [][]string{nil, {""}, {"whsec_"}, {"not base64!"}, {vectorSecret, ""}} {
		if _, err := portone.NewVerifier(time.Now, secrets...); !errors.Is(err, portone.ErrWebhookSecret) {
			t.Errorf("%q: %v", secrets, err)
		}
	}
	_, err := portone.NewVerifier(time.Now, "sehr-geheim!")
	if strings.Contains(err.Error(), "geheim") {
		t.Errorf("the error tells the secret: %v", err)
	}
}

func TestWebhookBodies(t *testing.T) {
	t.Parallel()
	v := verifier(t, at(vectorTime), vectorSecret)
	verify := func(body string) (portone.Webhook, error) {
		signature, err := portone.Sign(vectorSecret, "w-1", time.Unix(vectorTime, 0), []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return v.Verify(headers("w-1", strconv.Itoa(vectorTime), signature), []byte(body))
	}
	got, err := verify(`{"type":"Transaction.Cancelled","timestamp":"2024-04-25T10:00:00.000Z",
		"data":{"storeId":"s","paymentId":"p-1","transactionId":"tx","cancellationId":"c"}}`)
	want := portone.Webhook{
		ID: "w-1", Type: portone.EventCancelled, Timestamp: time.Date(2024, 4, 25, 10, 0, 0, 0, time.UTC),
		StoreID: "s", PaymentID: "p-1", TransactionID: "tx", CancellationID: "c",
	}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := verify(`{"type":"BillingKey.Issued","timestamp":"2024-04-25T10:00:00Z","data":{}}`); err != nil || got.Type != "BillingKey.Issued" {
		t.Errorf("unknown type: %+v, %v", got, err)
	}
	for _, body := range []string{``, `[]`, `{}`, `{"type":"Transaction.Paid","data":{}}`, `{"type":7}`, vectorBody} {
		if _, err := verify(body); !errors.Is(err, portone.ErrWebhookBody) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// FuzzVerifier: nothing makes the verifier fall over, and what it accepts is
// signed and in time.
func FuzzVerifier(f *testing.F) {
	f.Add(vectorID, strconv.Itoa(vectorTime), vectorSignature, []byte(vectorBody))
	f.Add("w", "1714039201", "v1, v1,=", []byte(`{"type":"Transaction.Paid","data":{"paymentId":"p"}}`))
	f.Add("", "", "", []byte(nil))
	v := verifier(f, at(vectorTime), vectorSecret)
	f.Fuzz(func(t *testing.T, id, stamp, signature string, body []byte) {
		h := headers(id, stamp, signature)
		if v.Check(h, body) == nil {
			seconds, err := strconv.ParseInt(stamp, 10, 64)
			want, signErr := portone.Sign(vectorSecret, id, time.Unix(seconds, 0), body)
			if err != nil || signErr != nil || !strings.Contains(signature, want) || seconds < vectorTime-300 || seconds > vectorTime+300 {
				t.Fatalf("accepted id %q, time %q, signature %q", id, stamp, signature)
			}
		}
		// Signed rightly, any body is either refused or names its payment.
		signed, err := portone.Sign(vectorSecret, vectorID, time.Unix(vectorTime, 0), body)
		if err != nil {
			t.Fatal(err)
		}
		hook, err := v.Verify(headers(vectorID, strconv.Itoa(vectorTime), signed), body)
		if err == nil && strings.HasPrefix(hook.Type, "Transaction.") && hook.PaymentID == "" {
			t.Fatalf("accepted %q without a payment", body)
		}
	})
}
