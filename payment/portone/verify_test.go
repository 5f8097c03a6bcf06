package portone_test

import (
	"errors"
	"net/url"
	"testing"

	"pigonair/payment/portone"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	want := portone.Expectation{ID: "p-1", StoreID: "store-1", Amount: 63200, Currency: "KRW", RequireLive: true}
	for name, c := range map[string]struct {
		change func(*portone.Payment)
		want   []error
		not    []error
	}{
		"as expected":   {func(*portone.Payment) {}, nil, nil},
		"other id":      {func(p *portone.Payment) { p.ID = "p-2"; p.Amount.Total = 1 }, []error{portone.ErrWrongID}, []error{portone.ErrWrongAmount}},
		"other store":   {func(p *portone.Payment) { p.StoreID = "x" }, []error{portone.ErrWrongStore}, nil},
		"ready":         {func(p *portone.Payment) { p.Status = portone.StatusReady; p.Amount.Total = 1 }, []error{portone.ErrNotPaid}, []error{portone.ErrWrongAmount}},
		"failed":        {func(p *portone.Payment) { p.Status = portone.StatusFailed }, []error{portone.ErrNotPaid}, nil},
		"unknown":       {func(p *portone.Payment) { p.Status = "NEW_STATUS" }, []error{portone.ErrNotPaid}, nil},
		"cancelled":     {func(p *portone.Payment) { p.Status = portone.StatusCancelled }, []error{portone.ErrAlreadyCancelled}, nil},
		"part":          {func(p *portone.Payment) { p.Status = portone.StatusPartialCancelled }, []error{portone.ErrAlreadyCancelled}, nil},
		"less":          {func(p *portone.Payment) { p.Amount.Total = 100 }, []error{portone.ErrWrongAmount}, nil},
		"more":          {func(p *portone.Payment) { p.Amount.Total = 63201 }, []error{portone.ErrWrongAmount}, nil},
		"paid, less":    {func(p *portone.Payment) { p.Amount.Cancelled = 1 }, []error{portone.ErrWrongAmount}, nil},
		"currency":      {func(p *portone.Payment) { p.Currency = "JPY" }, []error{portone.ErrWrongCurrency}, nil},
		"test channel":  {func(p *portone.Payment) { p.Channel.Type = portone.ChannelTest }, []error{portone.ErrTestChannel}, nil},
		"no channel":    {func(p *portone.Payment) { p.Channel.Type = "" }, []error{portone.ErrTestChannel}, nil},
		"several wrong": {func(p *portone.Payment) { p.Amount.Total = 1; p.Currency = "USD" }, []error{portone.ErrWrongAmount, portone.ErrWrongCurrency}, []error{portone.ErrTestChannel}},
	} {
		p := portone.Payment{
			ID: "p-1", StoreID: "store-1", Status: portone.StatusPaid, Currency: "KRW",
			Amount: portone.Amount{Total: 63200, Paid: 63200}, Channel: portone.Channel{Type: portone.ChannelLive},
		}
		c.change(&p)
		err := portone.Verify(p, want)
		if (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v", name, err)
		}
		for _, sentinel := range c.want {
			if !errors.Is(err, sentinel) {
				t.Errorf("%s: %v, want %v", name, err, sentinel)
			}
		}
		for _, sentinel := range c.not {
			if errors.Is(err, sentinel) {
				t.Errorf("%s: %v, must not be %v", name, err, sentinel)
			}
		}
	}
}

func TestVerifyAcceptsTestChannelInDemo(t *testing.T) {
	t.Parallel()
	p := portone.Payment{ID: "p", Status: portone.StatusPaid, Channel: portone.Channel{Type: portone.ChannelTest}}
	if err := portone.Verify(p, portone.Expectation{ID: "p"}); err != nil {
		t.Error(err)
	}
}

func TestCancellable(t *testing.T) {
	t.Parallel()
	for status, want := range map[portone.Status]int64{
		portone.StatusPaid: 70, portone.StatusPartialCancelled: 70, portone.StatusCancelled: 0,
		portone.StatusReady: 0, portone.StatusFailed: 0,
	} {
		p := portone.Payment{Status: status, Amount: portone.Amount{Total: 100, Cancelled: 30}}
		if got := p.Cancellable(); got != want {
			t.Errorf("%s: %d, want %d", status, got, want)
		}
	}
}

func TestHostedURL(t *testing.T) {
	t.Parallel()
	got, err := url.Parse(portone.Checkout{
		StoreID: "s", ChannelKey: "c", PaymentID: "p-1", OrderName: "김포 → 제주", TotalAmount: 63200, Currency: "KRW",
		PayMethod: portone.MethodCard, Installment: 3, RedirectURL: "http://shop/return?t=1&u=2", CustomerName: "김하늘", Locale: "ko",
	}.HostedURL("http://gateway/"))
	if err != nil {
		t.Fatal(err)
	}
	q := got.Query()
	if got.Path != "/checkout" || q.Get("orderName") != "김포 → 제주" || q.Get("totalAmount") != "63200" ||
		q.Get("redirectUrl") != "http://shop/return?t=1&u=2" || q.Get("installment") != "3" {
		t.Errorf("%s", got)
	}
}

func TestParseReturn(t *testing.T) {
	t.Parallel()
	ok := portone.ParseReturn(url.Values{"paymentId": {"p"}, "txId": {"x"}, "paymentToken": {"tok"}})
	if ok.Failed() || ok.PaymentToken != "tok" || ok.TxID != "x" || ok.PaymentID != "p" {
		t.Errorf("%+v", ok)
	}
	failed := portone.ParseReturn(url.Values{"code": {"PG"}, "message": {string(make([]byte, 5000))}})
	if !failed.Failed() || failed.Message != "" {
		t.Errorf("%+v", failed)
	}
}
