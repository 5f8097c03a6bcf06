package portone

import (
	"net/url"
	"strconv"
	"strings"
)

// Ways to pay, as PayMethod of a Checkout.
const (
	MethodCard     = "CARD"
	MethodEasyPay  = "EASY_PAY"
	MethodTransfer = "TRANSFER"
)

// Checkout is what the browser is told to ask the gateway for: the fields of
// the browser SDK's requestPayment. Nothing in it is trusted on the way back.
type Checkout struct {
	StoreID      string
	ChannelKey   string
	PaymentID    string
	OrderName    string
	TotalAmount  int64 // in the currency's smallest unit
	Currency     string
	PayMethod    string // MethodCard, MethodEasyPay or MethodTransfer
	Installment  int    // months for a card; 0 is at once
	RedirectURL  string // where the browser comes back to
	CustomerName string
	Locale       string // "ko" or "en"
}

// HostedURL is the address of the simulator's hosted page for this checkout,
// base being the simulator's own address. The real gateway has no such page:
// there the browser SDK takes the same fields.
func (c Checkout) HostedURL(base string) string {
	q := url.Values{
		"storeId":      {c.StoreID},
		"channelKey":   {c.ChannelKey},
		"paymentId":    {c.PaymentID},
		"orderName":    {c.OrderName},
		"totalAmount":  {strconv.FormatInt(c.TotalAmount, 10)},
		"currency":     {c.Currency},
		"payMethod":    {c.PayMethod},
		"redirectUrl":  {c.RedirectURL},
		"customerName": {c.CustomerName},
		"locale":       {c.Locale},
	}
	if c.Installment > 0 {
		q.Set("installment", strconv.Itoa(c.Installment))
	}
	return strings.TrimRight(base, "/") + "/checkout?" + q.Encode()
}

// Return is what the browser brings back from the gateway. It is the browser's
// word: good for choosing what to ask the gateway, and for nothing else.
type Return struct {
	PaymentID    string
	TxID         string
	PaymentToken string // only with manual approval, and only after the customer agreed
	Code         string // not empty: the browser says that the payment failed
	Message      string
	PGCode       string
}

// Failed reports whether the browser says that the payment failed.
func (r Return) Failed() bool { return r.Code != "" }

// maxReturnParam bounds what is taken from a return's query, in bytes; tokens
// are far shorter.
const maxReturnParam = 1024

// ParseReturn reads the query of the return. A parameter of unreasonable
// length counts as missing.
func ParseReturn(q url.Values) Return {
	get := func(name string) string {
		if value := q.Get(name); len(value) <= maxReturnParam {
			return value
		}
		return ""
	}
	return Return{
		PaymentID: get("paymentId"), TxID: get("txId"), PaymentToken: get("paymentToken"),
		Code: get("code"), Message: get("message"), PGCode: get("pgCode"),
	}
}
