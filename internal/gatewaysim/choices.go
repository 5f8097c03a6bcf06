package gatewaysim

import (
	"net/http"
	"net/url"
	"slices"

	"pigonair/payment/portone"
)

// The customer's choices on the hosted page, as they stand in its paths and
// its data-action marks.
const (
	chooseApprove     = "approve"
	chooseApproveLate = "approve-late"
	chooseDecline     = "decline"
	chooseLeave       = "leave"
	chooseFaults      = "faults"
)

// outcome is what a choice leads to: back to the shop, or a page.
type outcome struct {
	redirect string
	status   int
	page     messageView
	first    <-chan struct{} // what has to be delivered before anybody is told
}

// choose serves POST /checkout/{tx}/{choice}.
func (s *Sim) choose(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequestBody)
	t := textsFor(r.URL.Query().Get("locale"))
	if err := r.ParseForm(); err != nil {
		s.say(w, http.StatusBadRequest, messageView{T: t, Heading: t.BadTitle, Text: t.BadText, Detail: "form", Code: "bad-request"})
		return
	}
	o := s.decide(r.PathValue("tx"), r.PathValue("choice"), r.PostForm, t)
	s.await(o.first)
	if o.redirect == "" {
		s.say(w, o.status, o.page)
		return
	}
	if err := s.settle(); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, o.redirect, http.StatusSeeOther)
}

// decide carries a choice out.
func (s *Sim) decide(tx, choice string, form url.Values, t *texts) outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.state.payments[s.state.byTx[tx]]
	if p == nil {
		return outcome{status: http.StatusNotFound, page: messageView{T: t, Heading: t.GoneTitle, Text: t.GoneTxt, Code: "not-found"}}
	}
	s.cfg.Log.Info("customer chose", "payment", p.ID, "choice", choice)
	switch choice {
	case chooseApprove:
		return s.approve(p, t)
	case chooseApproveLate:
		return s.approveLater(p, t)
	case chooseDecline:
		return s.decline(p, form.Get("reason"), t)
	case chooseLeave:
		return outcome{status: http.StatusOK, page: messageView{
			T: t, Heading: t.LeftTitle, Text: t.LeftText, Back: originOf(p.RedirectURL), Code: "left",
		}}
	case chooseFaults:
		return s.chooseFaults(p, form, t)
	default:
		return outcome{status: http.StatusNotFound, page: messageView{T: t, Heading: t.GoneTitle, Text: t.GoneTxt, Code: "not-found"}}
	}
}

// approve is the customer's consent. Pressed twice it leads to the same place.
func (s *Sim) approve(p *payment, t *texts) outcome {
	switch {
	case p.Status == portone.StatusPaid && p.Approval == Automatic:
		return outcome{redirect: p.back(nil)}
	case p.Status != portone.StatusReady:
		return outcome{status: http.StatusConflict, page: finished(p, t)}
	case !p.asRegistered():
		return outcome{status: http.StatusConflict, page: messageView{
			T: t, Heading: t.TamperTitle, Text: t.TamperText, Back: originOf(p.RedirectURL), Code: "amount-mismatch",
		}}
	case p.Approval == Automatic:
		c := s.capture(*p, s.clock.Now())
		first := s.hookFirst(c)
		s.commit(c)
		return outcome{redirect: p.back(nil), first: first}
	}
	next := *p
	if next.Token == "" {
		next.Token, next.TokenAt = token("tok_"), s.clock.Now()
		s.commit(change{Payment: &next})
	}
	return outcome{redirect: next.back(url.Values{"paymentToken": {next.Token}})}
}

// approveLater lets the customer go and charges afterwards, whatever the
// channel's kind of approval.
func (s *Sim) approveLater(p *payment, t *texts) outcome {
	if p.Status != portone.StatusReady {
		return outcome{status: http.StatusConflict, page: finished(p, t)}
	}
	if p.LateAt.IsZero() {
		next := *p
		next.LateAt = s.clock.Now().Add(s.cfg.LateApproval)
		s.commit(change{Payment: &next})
	}
	return outcome{status: http.StatusOK, page: messageView{
		T: t, Heading: t.LateTitle, Text: t.LateText, Back: originOf(p.RedirectURL), Code: "left",
	}}
}

// decline refuses the payment for a reason of its method.
func (s *Sim) decline(p *payment, code string, t *texts) outcome {
	if !p.open() {
		return outcome{status: http.StatusConflict, page: finished(p, t)}
	}
	reasons := reasonsOf(methodCode(p.Method))
	why := reasons[0]
	if i := slices.IndexFunc(reasons, func(r reason) bool { return r.code == code }); i >= 0 {
		why = reasons[i]
	}
	message := why.in(t.Lang)
	back := url.Values{"code": {"PG_PROVIDER_ERROR"}, "message": {message}, "pgCode": {why.code}, "pgMessage": {message}}
	if why.code == codeCancelled {
		back.Set("code", codeCancelled)
	}
	if p.Status == portone.StatusFailed { // pressed twice
		return outcome{redirect: p.back(back)}
	}
	c := s.fail(*p, portone.Failure{Reason: message, PGCode: why.code, PGMessage: message}, s.clock.Now())
	first := s.hookFirst(c)
	s.commit(c)
	return outcome{redirect: p.back(back), first: first}
}

// back is the address that the browser returns to, with what it brings.
func (p *payment) back(more url.Values) string {
	u, ok := shopURL(p.RedirectURL)
	if !ok {
		return "/" // cannot be: it was checked when the window opened
	}
	q := u.Query()
	q.Set("paymentId", p.ID)
	q.Set("txId", p.TransactionID)
	for name, values := range more {
		q[name] = values
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// chooseFaults replaces the payment's faults by those of the form.
func (s *Sim) chooseFaults(p *payment, form url.Values, t *texts) outcome {
	chosen, err := formFaults(form)
	if err != nil {
		return outcome{status: http.StatusBadRequest, page: messageView{
			T: t, Heading: t.BadTitle, Text: t.BadText, Detail: err.Error(), Back: originOf(p.RedirectURL), Code: "bad-request",
		}}
	}
	s.commit(s.setFaults(p.ID, chosen))
	return outcome{redirect: "/checkout/" + p.TransactionID + "?locale=" + t.Lang}
}
