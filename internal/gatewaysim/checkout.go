package gatewaysim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"pigonair/payment/portone"
)

// checkoutRequest is what the browser asks the hosted page for.
type checkoutRequest struct {
	channel     Channel
	paymentID   string
	orderName   string
	amount      int64
	currency    string
	installment int
	redirectURL string
	customer    string
}

const (
	maxText         = 200 // characters of an order's or a customer's name
	maxRedirectURL  = 2000
	maxInstallments = 36 // months
)

// readCheckout checks a request for the hosted page and names everything that
// is wrong with it.
func (s *Sim) readCheckout(q url.Values) (c checkoutRequest, wrong []string) {
	need := func(name string, ok bool) {
		if !ok {
			wrong = append(wrong, name)
		}
	}
	number := func(name, fallback string) int64 {
		value := q.Get(name)
		if value == "" {
			value = fallback
		}
		n, err := strconv.ParseInt(value, 10, 64)
		need(name, err == nil)
		return n
	}
	c = checkoutRequest{
		paymentID: q.Get("paymentId"), orderName: q.Get("orderName"), amount: number("totalAmount", ""),
		currency: q.Get("currency"), installment: int(number("installment", "0")),
		redirectURL: q.Get("redirectUrl"), customer: q.Get("customerName"),
	}
	at := slices.IndexFunc(s.cfg.Channels, func(ch Channel) bool { return ch.Key == q.Get("channelKey") })
	if at >= 0 {
		c.channel = s.cfg.Channels[at]
	}
	_, redirectOK := shopURL(c.redirectURL)
	need("storeId", q.Get("storeId") == s.cfg.StoreID)
	need("channelKey", at >= 0)
	need("payMethod", at < 0 || q.Get("payMethod") == c.channel.Method)
	need("paymentId", validID(c.paymentID))
	need("orderName", c.orderName != "" && shortText(c.orderName))
	need("totalAmount", validAmount(c.amount))
	need("currency", validCurrency(c.currency))
	need("installment", c.installment >= 0 && c.installment <= maxInstallments && (c.installment == 0 || c.channel.Method == portone.MethodCard))
	need("redirectUrl", redirectOK && len(c.redirectURL) <= maxRedirectURL)
	need("customerName", shortText(c.customer))
	slices.Sort(wrong)
	return c, slices.Compact(wrong)
}

func shortText(text string) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= maxText
}

// payment makes what is stored for a first or another attempt.
func (c checkoutRequest) payment(s *Sim, earlier *payment, now time.Time) payment {
	p := payment{Approval: c.channel.Approval, RedirectURL: c.redirectURL}
	p.Payment = portone.Payment{
		ID: c.paymentID, TransactionID: token("tx_"), MerchantID: "merchant-simulator", StoreID: s.cfg.StoreID,
		Version: "V2", RequestedAt: now, OrderName: c.orderName, Currency: c.currency, Amount: amountOf(c.amount),
		Method:   &portone.Method{Type: methodType(c.channel.Method)},
		Customer: portone.Customer{Name: c.customer},
		Channel: portone.Channel{
			Type: c.channel.Type, ID: "id-" + c.channel.Key, Key: c.channel.Key, Name: c.channel.Name,
			PGProvider: c.channel.Provider, PGMerchantID: "simulator",
		},
	}
	switch c.channel.Method {
	case portone.MethodCard:
		p.Method.Installment = &portone.Installment{Month: c.installment}
	case portone.MethodEasyPay:
		p.Method.Provider = c.channel.Provider
	}
	if earlier != nil {
		p.RequestedAt, p.Registered = earlier.RequestedAt, earlier.Registered
	} else if announced, ok := s.state.registered[c.paymentID]; ok {
		p.Registered = &announced
	}
	return p.settled(portone.StatusReady, now)
}

// same reports whether the request only shows again what is open already.
func (c checkoutRequest) same(p *payment) bool {
	return p.Status == portone.StatusReady && p.Channel.Key == c.channel.Key && p.OrderName == c.orderName &&
		p.Currency == c.currency && p.Amount == amountOf(c.amount) && p.RedirectURL == c.redirectURL &&
		p.Customer.Name == c.customer && (p.Method.Installment == nil || p.Method.Installment.Month == c.installment)
}

// openCheckout serves GET /checkout: the payment window opens.
func (s *Sim) openCheckout(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	t := textsFor(q.Get("locale"))
	c, wrong := s.readCheckout(q)
	if len(wrong) > 0 {
		s.say(w, http.StatusBadRequest, messageView{
			T: t, Heading: t.BadTitle, Text: t.BadText, Detail: strings.Join(wrong, ", "),
			Back: originOf(c.redirectURL), Code: "bad-request",
		})
		return
	}
	p, refusal := s.open(c, t)
	if refusal != nil {
		s.say(w, http.StatusConflict, *refusal)
		return
	}
	s.showCheckout(w, p, t)
}

// open finds or makes the payment that a request is about, or says why the
// window stays shut.
func (s *Sim) open(c checkoutRequest, t *texts) (*payment, *messageView) {
	p, first, refusal := s.openLocked(c, t)
	s.await(first)
	return p, refusal
}

func (s *Sim) openLocked(c checkoutRequest, t *texts) (*payment, <-chan struct{}, *messageView) {
	s.mu.Lock()
	defer s.mu.Unlock()
	refuse := func(heading, text, code string) (*payment, <-chan struct{}, *messageView) {
		return nil, nil, &messageView{T: t, Heading: heading, Text: text, Back: originOf(c.redirectURL), Code: code}
	}
	earlier := s.state.payments[c.paymentID]
	_, announced := s.state.registered[c.paymentID]
	switch {
	case earlier == nil && !announced && s.full():
		return refuse(t.FullTitle, t.FullText, "full")
	case earlier != nil && !earlier.open():
		return refuse(t.DoneTitle, t.DoneText, "finished")
	case earlier != nil && c.same(earlier):
		return earlier, nil, nil
	}
	p := c.payment(s, earlier, s.clock.Now())
	if !p.asRegistered() {
		return refuse(t.TamperTitle, t.TamperText, "amount-mismatch")
	}
	if earlier == nil {
		s.commit(change{Faults: s.state.adoptFaults(p.ID)})
	}
	p = p.tampered(s.state.faults[p.ID])
	done := s.told(change{}, p, portone.EventReady, "")
	first := s.hookFirst(done)
	s.commit(done)
	s.cfg.Log.Info("payment window opened", "payment", p.ID, "channel", p.Channel.Key, "amount", p.Amount.Total)
	return done.Payment, first, nil
}

// reopenCheckout serves GET /checkout/{tx}: the same window again.
func (s *Sim) reopenCheckout(w http.ResponseWriter, r *http.Request) {
	t := textsFor(r.URL.Query().Get("locale"))
	s.mu.Lock()
	p := s.state.payments[s.state.byTx[r.PathValue("tx")]]
	s.mu.Unlock()
	switch {
	case p == nil:
		s.say(w, http.StatusNotFound, messageView{T: t, Heading: t.GoneTitle, Text: t.GoneTxt, Code: "not-found"})
	case p.Status != portone.StatusReady:
		s.say(w, http.StatusConflict, finished(p, t))
	default:
		s.showCheckout(w, p, t)
	}
}

// finished tells that a window has nothing more to decide.
func finished(p *payment, t *texts) messageView {
	if p.Status == portone.StatusFailed {
		return messageView{T: t, Heading: t.FailedTitle, Text: t.FailedText, Back: originOf(p.RedirectURL), Code: "failed"}
	}
	return messageView{T: t, Heading: t.DoneTitle, Text: t.DoneText, Back: originOf(p.RedirectURL), Code: "finished"}
}
