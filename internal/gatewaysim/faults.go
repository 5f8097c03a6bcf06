package gatewaysim

import (
	"slices"
	"strings"
	"time"

	"pigonair/payment/portone"
)

// Faults of a payment as a whole. The others are faults of calls, named
// operation-kind, such as "confirm-lost".
const (
	faultBefore      = "webhook-before"    // delivered before the return or the answer
	faultAfter       = "webhook-after"     // held back until the return is long over
	faultTwice       = "webhook-twice"     // delivered two times under one id
	faultReordered   = "webhook-reordered" // held back, the newest first
	faultDropped     = "webhook-dropped"   // never delivered
	faultAmount      = "amount-tampered"   // the payment's amount becomes another
	faultTestChannel = "test-channel"      // the payment goes through a TEST channel
)

// Kinds of faults of a call.
const (
	kindError      = "error"       // 5xx, and nothing was done
	kindErrorAfter = "error-after" // 5xx, though it took effect
	kindLost       = "lost"        // took effect; the connection breaks without an answer
	kindHang       = "hang"        // took effect; the answer comes after a long time
	kindLate       = "late"        // takes effect, and is answered, after a long time
	kindRefused    = "refused"     // the card company or bank says no
)

// Operations that calls may have faults in.
const (
	opGet         = "get"
	opList        = "list"
	opPreRegister = "pre-register"
	opConfirm     = "confirm"
	opCancel      = "cancel"
	opResend      = "resend-webhook"
)

var webhookFaults = []string{faultBefore, faultAfter, faultTwice, faultReordered, faultDropped}

// faultNames are all faults there are, in the order of the hosted page's form.
func faultNames() []string {
	names := slices.Concat(webhookFaults, []string{faultAmount, faultTestChannel})
	for _, op := range []string{opConfirm, opCancel} {
		for _, kind := range []string{kindError, kindErrorAfter, kindLost, kindHang, kindLate, kindRefused} {
			names = append(names, op+"-"+kind)
		}
	}
	for _, op := range []string{opGet, opPreRegister, opList, opResend} {
		for _, kind := range []string{kindError, kindLost, kindHang} {
			names = append(names, op+"-"+kind)
		}
	}
	return names
}

// ofPayment reports whether the fault concerns a payment, not a call.
func ofPayment(name string) bool {
	return strings.HasPrefix(name, "webhook-") || name == faultAmount || name == faultTestChannel
}

// Defaults of a fault's particulars.
const (
	hangSeconds    = 70 // longer than any client should wait
	maxHangSeconds = 3600
	maxFaultTimes  = 1_000_000
	errorStatus    = 500
)

// fault is something that shall go wrong.
type fault struct {
	Name    string `json:"fault"`
	Left    int    `json:"left"`              // how many calls or payments it still hits
	Seconds int    `json:"seconds,omitempty"` // how long a call hangs
	Status  int    `json:"status,omitempty"`  // of an answer that is an error
	Amount  int64  `json:"amount,omitempty"`  // what a tampered amount becomes
}

// faultList is all that shall go wrong with a payment or, with an empty id,
// with whichever comes next.
type faultList struct {
	PaymentID string  `json:"paymentId"`
	Faults    []fault `json:"faults"`
}

// kind is the part of a call's fault that the operation leaves.
func (f fault) kind(op string) string {
	kind, found := strings.CutPrefix(f.Name, op+"-")
	if !found {
		return ""
	}
	return kind
}

func (f fault) pause() time.Duration { return time.Duration(f.Seconds) * time.Second }

// takeFault finds the fault that hits this call, if one does, and counts it.
// What was chosen for the payment comes before what waits for the next call.
func (s *state) takeFault(op, paymentID string) (fault, []faultList) {
	for _, id := range []string{paymentID, ""} {
		for i, f := range s.faults[id] {
			if f.Left > 0 && f.kind(op) != "" {
				return f, []faultList{{id, countDown(s.faults[id], i)}}
			}
		}
	}
	return fault{}, nil
}

// countDown returns the list with its i-th fault used once.
func countDown(list []fault, i int) []fault {
	list = slices.Clone(list)
	list[i].Left--
	if list[i].Left == 0 {
		list = slices.Delete(list, i, i+1)
	}
	return list
}

// adoptFaults moves what waits for the next payment over to this one.
func (s *state) adoptFaults(paymentID string) []faultList {
	waiting, own := s.faults[""], slices.Clone(s.faults[paymentID])
	var rest []fault
	for _, f := range waiting {
		if !ofPayment(f.Name) {
			rest = append(rest, f)
			continue
		}
		mine := f
		mine.Left = 1
		own = append(own, mine)
		if f.Left--; f.Left > 0 {
			rest = append(rest, f)
		}
	}
	if len(rest) == len(waiting) && len(own) == len(s.faults[paymentID]) {
		return nil
	}
	return []faultList{{"", rest}, {paymentID, own}}
}

// webhookFault is how the payment's webhooks go wrong; empty: they do not.
func webhookFault(faults []fault) string {
	for _, f := range faults {
		if slices.Contains(webhookFaults, f.Name) {
			return f.Name
		}
	}
	return ""
}

// tampered returns the payment with the faults that change it.
func (p payment) tampered(faults []fault) payment {
	for _, f := range faults {
		switch f.Name {
		case faultAmount:
			p.Amount = amountOf(f.Amount)
			p.Registered = nil // what was announced protects no more
		case faultTestChannel:
			p.Channel.Type = portone.ChannelTest
		}
	}
	return p
}

// amountOf splits a total as Korean receipts do: a tenth of the net as tax.
func amountOf(total int64) portone.Amount {
	vat := total / 11
	return portone.Amount{Total: total, VAT: vat, Supply: total - vat}
}
