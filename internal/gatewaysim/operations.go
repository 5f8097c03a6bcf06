package gatewaysim

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"pigonair/payment/portone"
)

const (
	maxAmount        = 1_000_000_000_000
	maxReason        = 1000 // bytes of a cancellation's reason
	maxCancellations = 100  // of one payment
	defaultPage      = 10   // payments of a page of the list
	maxPage          = 1000
	listDays         = 90 // that the list reaches back unless told otherwise
)

func badRequest(message string) (reply, change) {
	return failure(http.StatusBadRequest, portone.TypeInvalidRequest, message), change{}
}

func notFound() (reply, change) {
	return failure(http.StatusNotFound, portone.TypePaymentNotFound, "no such payment"), change{}
}

func conflict(kind, message string) (reply, change) {
	return failure(http.StatusConflict, kind, message), change{}
}

func (s *Sim) get(q request) (reply, change) {
	p := s.state.payments[q.paymentID]
	if p == nil {
		return notFound()
	}
	return reply{http.StatusOK, p.Payment}, change{}
}

// preRegister notes the amount that a payment will have. The payment itself
// comes to be when the customer opens the hosted page.
func (s *Sim) preRegister(q request) (reply, change) {
	var body struct {
		TotalAmount int64  `json:"totalAmount"`
		Currency    string `json:"currency"`
	}
	if json.Unmarshal(q.body, &body) != nil || !validAmount(body.TotalAmount) || !validCurrency(body.Currency) || !validID(q.paymentID) {
		return badRequest("payment id, totalAmount and currency are needed")
	}
	announced := registration{body.TotalAmount, body.Currency}
	done := reply{http.StatusOK, struct{}{}}
	p := s.state.payments[q.paymentID]
	switch {
	case p == nil && s.full():
		return failure(http.StatusTooManyRequests, "TOO_MANY_REQUESTS", "the simulator's store is full"), change{}
	case p == nil:
		return done, change{Register: q.paymentID, Registered: &announced}
	case !p.open():
		return conflict(portone.TypeAlreadyPaid, "the payment is paid")
	default:
		next := *p
		next.Registered = &announced
		return done, change{Payment: &next}
	}
}

// full reports whether there is no room for another payment. The caller holds mu.
func (s *Sim) full() bool {
	return len(s.state.payments)+len(s.state.registered) >= s.cfg.MaxPayments
}

// confirmBody are the particulars of a confirmation.
type confirmBody struct {
	PaymentToken string `json:"paymentToken"`
	TxID         string `json:"txId"`
	Currency     string `json:"currency"`
	TotalAmount  *int64 `json:"totalAmount"`
	IsTest       *bool  `json:"isTest"`
	SkipWebhook  bool   `json:"skipWebhook"`
}

// matches reports whether all particulars that were given are the payment's.
func (b confirmBody) matches(p *payment) bool {
	return (b.TxID == "" || b.TxID == p.TransactionID) &&
		(b.Currency == "" || b.Currency == p.Currency) &&
		(b.TotalAmount == nil || *b.TotalAmount == p.Amount.Total) &&
		(b.IsTest == nil || *b.IsTest == (p.Channel.Type == portone.ChannelTest)) &&
		p.asRegistered()
}

// asRegistered reports whether the payment has the amount that the shop
// announced, if it announced one.
func (p *payment) asRegistered() bool {
	return p.Registered == nil || *p.Registered == registration{p.Amount.Total, p.Currency}
}

// confirm charges a payment that the customer consented to.
func (s *Sim) confirm(q request) (reply, change) {
	var body confirmBody
	if json.Unmarshal(q.body, &body) != nil || body.PaymentToken == "" {
		return badRequest("paymentToken is needed")
	}
	p := s.state.payments[q.paymentID]
	switch {
	case p == nil:
		return notFound()
	case !p.open():
		return conflict(portone.TypeAlreadyPaid, "the payment is paid")
	case p.Token != body.PaymentToken || q.now.Sub(p.TokenAt) > s.cfg.TokenLife:
		return failure(http.StatusBadRequest, portone.TypeInvalidToken, "wrong, used or expired token"), change{}
	case !body.matches(p):
		return conflict(portone.TypeMismatch, "the particulars differ from the payment's")
	case q.refused:
		why := reasonsOf(methodCode(p.Method))[0]
		message := why.in("ko")
		return providerFailure(why.code, message), s.fail(*p, portone.Failure{Reason: message, PGCode: why.code, PGMessage: message}, q.now)
	}
	c := s.capture(*p, q.now)
	if body.SkipWebhook {
		c.Hooks = nil
	}
	return reply{http.StatusOK, portone.Confirmation{PGTxID: c.Payment.PGTxID, PaidAt: c.Payment.PaidAt}}, c
}

// cancelBody are the particulars of a cancellation.
type cancelBody struct {
	Reason      string            `json:"reason"`
	Amount      *int64            `json:"amount"`
	Current     *int64            `json:"currentCancellableAmount"`
	Requester   portone.Requester `json:"requester"`
	SkipWebhook bool              `json:"skipWebhook"`
}

func (b cancelBody) valid() bool {
	return b.Reason != "" && len(b.Reason) <= maxReason && (b.Amount == nil || *b.Amount > 0) &&
		(b.Requester == "" || b.Requester == portone.RequesterCustomer || b.Requester == portone.RequesterAdmin)
}

// cancel gives back all or part of what was charged.
func (s *Sim) cancel(q request) (reply, change) {
	var body cancelBody
	if json.Unmarshal(q.body, &body) != nil || !body.valid() {
		return badRequest("a reason is needed, and an amount above 0 if there is one")
	}
	p := s.state.payments[q.paymentID]
	if p == nil {
		return notFound()
	}
	left := p.Cancellable()
	amount := left // everything, unless told otherwise
	if body.Amount != nil {
		amount = *body.Amount
	}
	switch {
	case p.open():
		return conflict(portone.TypeNotPaid, "the payment is not paid")
	case left == 0:
		return conflict(portone.TypeAlreadyCancelled, "the payment is cancelled")
	case body.Current != nil && *body.Current != left:
		return conflict(portone.TypeAmountBroken, "the cancellable amount is "+strconv.FormatInt(left, 10))
	case amount > left:
		return conflict(portone.TypeAmountExceeded, "the cancellable amount is "+strconv.FormatInt(left, 10))
	case len(p.Cancellations) >= maxCancellations:
		return conflict(portone.TypeMaxCancelCount, "too many cancellations")
	case q.refused:
		return providerFailure("CANCEL_REFUSED", "the bank refused the cancellation"), refuseRefund(*p, amount, body.Reason, q.now)
	}
	c, done := s.refund(*p, amount, body.Reason, q.now)
	if body.SkipWebhook {
		c.Hooks = nil
	}
	return reply{http.StatusOK, map[string]any{"cancellation": done}}, c
}

// resend sends the payment's latest webhook again, whatever became of it.
func (s *Sim) resend(q request) (reply, change) {
	var body struct {
		WebhookID string `json:"webhookId"`
	}
	if len(q.body) > 0 && json.Unmarshal(q.body, &body) != nil {
		return badRequest("unreadable body")
	}
	p := s.state.payments[q.paymentID]
	switch {
	case p == nil:
		return notFound()
	case p.LastHook == nil || s.cfg.WebhookURL == "" || (body.WebhookID != "" && body.WebhookID != p.LastHook.ID):
		return failure(http.StatusNotFound, portone.TypeWebhookNotFound, "no such webhook"), change{}
	}
	h := *p.LastHook
	h.Due, h.Attempt, h.Copies = q.now, 0, 1
	if waiting := s.state.hooks[h.ID]; waiting != nil {
		h.Copies += waiting.Copies // it may be on its way right now
	}
	return reply{http.StatusOK, map[string]any{"webhook": map[string]string{"id": h.ID}}}, change{Hooks: []hook{h}}
}

// listBody are the particulars of the list.
type listBody struct {
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
	Cursor string    `json:"cursor"`
	Size   int       `json:"size"`
}

// listItem is one payment of the list.
type listItem struct {
	Payment portone.Payment `json:"payment"`
	Cursor  string          `json:"cursor"`
}

// list shows the payments requested from From to Until, both included, oldest
// first, after the cursor.
func (s *Sim) list(q request) (reply, change) {
	var body listBody
	if q.query != "" && json.Unmarshal([]byte(q.query), &body) != nil {
		return badRequest("unreadable requestBody")
	}
	if body.Until.IsZero() {
		body.Until = q.now
	}
	if body.From.IsZero() {
		body.From = body.Until.AddDate(0, 0, -listDays)
	}
	if body.Size == 0 {
		body.Size = defaultPage
	}
	start := s.state.since(body.From)
	if body.Cursor != "" {
		after, err := strconv.Atoi(body.Cursor)
		if err != nil || after < 0 {
			return badRequest("unreadable cursor")
		}
		start = max(start, after)
	}
	if body.Size < 1 || body.Size > maxPage || body.From.After(body.Until) {
		return badRequest("size has to be 1 to 1000, and from before until")
	}
	items := []listItem{}
	for i := start; i < len(s.state.order) && len(items) < body.Size; i++ {
		p := s.state.payments[s.state.order[i]]
		if p.RequestedAt.After(body.Until) {
			break
		}
		items = append(items, listItem{p.Payment, strconv.Itoa(i + 1)})
	}
	return reply{http.StatusOK, map[string]any{"items": items}}, change{}
}

func validAmount(amount int64) bool { return amount > 0 && amount <= maxAmount }

func validCurrency(currency string) bool {
	if len(currency) != 3 {
		return false
	}
	for _, r := range currency {
		if r < 'A' || r > 'Z' {
			return false
		}
	}
	return true
}

// validID accepts payment ids of 1 to 64 letters, digits, "-" and "_".
func validID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for _, r := range id {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
		default:
			return false
		}
	}
	return true
}
