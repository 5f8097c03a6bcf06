package gatewaysim

import (
	"encoding/json"
	"slices"
	"time"

	"pigonair/payment/portone"
)

// payment is what the simulator knows of one payment. A stored payment never
// changes: a change stores a new one, so that readers need no lock.
type payment struct {
	portone.Payment
	Approval    Approval      `json:"approval"`
	RedirectURL string        `json:"redirectUrl"`
	Registered  *registration `json:"registered,omitempty"` // what the shop announced
	Token       string        `json:"token,omitempty"`      // given to the customer, not used yet
	TokenAt     time.Time     `json:"tokenAt,omitzero"`
	LateAt      time.Time     `json:"lateAt,omitzero"` // when "approve later" charges
	LastHook    *hook         `json:"lastHook,omitempty"`
}

// open reports whether the customer can still pay.
func (p *payment) open() bool {
	return p.Status == portone.StatusReady || p.Status == portone.StatusFailed
}

// settled gives the payment a new status.
func (p payment) settled(status portone.Status, now time.Time) payment {
	p.Status, p.StatusChangedAt, p.UpdatedAt = status, now, now
	return p
}

// registration is an amount that the shop announced.
type registration struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// entry is a movement of money, as GET /ledger.json tells it.
type entry struct {
	PaymentID string    `json:"payment_id"`
	Kind      string    `json:"kind"`
	Amount    int64     `json:"amount"`
	Currency  string    `json:"currency"`
	At        time.Time `json:"at"`
}

// Kinds of entries.
const (
	kindCapture = "capture"
	kindRefund  = "refund"
)

// hook is a webhook that was caused, and how far its delivery is.
type hook struct {
	ID             string    `json:"id"`
	PaymentID      string    `json:"paymentId"`
	Type           string    `json:"type"`
	At             time.Time `json:"at"`
	TxID           string    `json:"txId"`
	CancellationID string    `json:"cancellationId,omitempty"`
	Due            time.Time `json:"due"`
	Attempt        int       `json:"attempt,omitempty"` // failed ones so far
	Copies         int       `json:"copies,omitempty"`  // successful ones still to come
}

// answer is what a call with an idempotency key was told.
type answer struct {
	Key    string    `json:"key"`
	Hash   string    `json:"hash"` // of the request
	Status int       `json:"status"`
	Body   string    `json:"body"`
	At     time.Time `json:"at"`
}

// change is one step of the simulator's state and one line of its file: all of
// it happened, or nothing.
type change struct {
	Payment    *payment       `json:"payment,omitempty"`
	Register   string         `json:"register,omitempty"` // payment id of Registered
	Registered *registration  `json:"registered,omitempty"`
	Ledger     []entry        `json:"ledger,omitempty"`
	Hooks      []hook         `json:"hooks,omitempty"`
	HookDone   string         `json:"hookDone,omitempty"`
	Answer     *answer        `json:"answer,omitempty"`
	Faults     []faultList    `json:"faults,omitempty"`
	Offset     *time.Duration `json:"offset,omitempty"`
}

func (c *change) empty() bool {
	return c.Payment == nil && c.Registered == nil && c.Ledger == nil && c.Hooks == nil &&
		c.HookDone == "" && c.Answer == nil && c.Faults == nil && c.Offset == nil
}

// state is everything the simulator knows. It changes only by apply, live and
// when its file is read again, so that both come to the same.
type state struct {
	payments   map[string]*payment
	byTx       map[string]string // transaction id → payment id
	order      []string          // payment ids, as they came
	registered map[string]registration
	ledger     []entry
	entriesOf  map[string][]int // payment id → positions in ledger
	hooks      map[string]*hook // not delivered yet
	hooksOf    map[string][]string
	answers    map[string]*answer
	answerAge  []*answer // the same, oldest first
	faults     map[string][]fault
	offset     time.Duration
}

func newState() *state {
	return &state{
		payments: map[string]*payment{}, byTx: map[string]string{}, registered: map[string]registration{},
		entriesOf: map[string][]int{}, hooks: map[string]*hook{}, hooksOf: map[string][]string{},
		answers: map[string]*answer{}, faults: map[string][]fault{},
	}
}

func (s *state) replay(line []byte) error {
	var c change
	if err := json.Unmarshal(line, &c); err != nil {
		return err
	}
	s.apply(c)
	return nil
}

func (s *state) apply(c change) {
	if c.Payment != nil {
		s.putPayment(c.Payment)
	}
	if c.Registered != nil {
		s.registered[c.Register] = *c.Registered
	}
	for _, e := range c.Ledger {
		s.entriesOf[e.PaymentID] = append(s.entriesOf[e.PaymentID], len(s.ledger))
		s.ledger = append(s.ledger, e)
	}
	for _, h := range c.Hooks {
		s.putHook(h)
	}
	if c.HookDone != "" {
		s.dropHook(c.HookDone)
	}
	if c.Answer != nil {
		s.answers[c.Answer.Key] = c.Answer
		s.answerAge = append(s.answerAge, c.Answer)
	}
	for _, list := range c.Faults {
		if len(list.Faults) == 0 {
			delete(s.faults, list.PaymentID)
		} else {
			s.faults[list.PaymentID] = list.Faults
		}
	}
	if c.Offset != nil {
		s.offset = *c.Offset
	}
}

func (s *state) putPayment(p *payment) {
	before := s.payments[p.ID]
	if before == nil {
		s.order = append(s.order, p.ID)
		delete(s.registered, p.ID)
	} else if before.TransactionID != p.TransactionID {
		delete(s.byTx, before.TransactionID)
	}
	s.payments[p.ID] = p
	s.byTx[p.TransactionID] = p.ID
}

func (s *state) putHook(h hook) {
	if s.hooks[h.ID] == nil {
		s.hooksOf[h.PaymentID] = append(s.hooksOf[h.PaymentID], h.ID)
	}
	s.hooks[h.ID] = &h
}

func (s *state) dropHook(id string) {
	h := s.hooks[id]
	if h == nil {
		return
	}
	delete(s.hooks, id)
	left := slices.DeleteFunc(s.hooksOf[h.PaymentID], func(other string) bool { return other == id })
	if len(left) == 0 {
		delete(s.hooksOf, h.PaymentID)
	} else {
		s.hooksOf[h.PaymentID] = left
	}
}

// forgetAnswers drops the answers that were given before the given time. They
// are not written down as dropped: reading the file again drops them anew.
func (s *state) forgetAnswers(before time.Time) {
	gone := 0
	for _, a := range s.answerAge {
		if !a.At.Before(before) {
			break
		}
		if s.answers[a.Key] == a {
			delete(s.answers, a.Key)
		}
		gone++
	}
	s.answerAge = s.answerAge[gone:]
}

// since finds the position in order of the first payment requested at or after t.
func (s *state) since(t time.Time) int {
	position, _ := slices.BinarySearchFunc(s.order, t, func(id string, t time.Time) int {
		return s.payments[id].RequestedAt.Compare(t)
	})
	return position
}
