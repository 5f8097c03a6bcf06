package gatewaysim

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"

	"pigonair/payment/portone"
)

//go:embed pages
var pageFiles embed.FS

// pages are the parsed templates and the style sheet.
type pages struct {
	byName map[string]*template.Template
	css    []byte
}

func newPages() (*pages, error) {
	p := &pages{byName: map[string]*template.Template{}}
	for _, name := range []string{"checkout", "message", "index"} {
		parsed, err := template.ParseFS(pageFiles, "pages/layout.html", "pages/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("gatewaysim: %w", err)
		}
		p.byName[name] = parsed
	}
	css, err := pageFiles.ReadFile("pages/gateway.css")
	if err != nil {
		return nil, fmt.Errorf("gatewaysim: %w", err)
	}
	p.css = css
	return p, nil
}

// checkoutView is the hosted page.
type checkoutView struct {
	T            *texts
	Heading      string
	Amount       string
	Approve      string // what the main button says
	OrderName    string
	Customer     string
	PaymentID    string
	Method       string
	Installment  string // empty unless paid by card
	Test         bool
	Path         string // of the forms, before the action
	Locale       string
	Reasons      []option
	Faults       []option
	Chosen       []string
	FaultSeconds int
	FaultStatus  int
}

// option is a choice of a form.
type option struct{ Value, Label string }

// messageView is a page that only says something.
type messageView struct {
	T       *texts
	Heading string
	Text    string
	Detail  string
	Back    string // address of the shop; empty: unknown
	Code    string
}

// indexView is the simulator's first page.
type indexView struct {
	T        *texts
	Heading  string
	Payments []indexRow
}

type indexRow struct{ ID, OrderName, Amount, Status string }

// render writes a page whole or not at all. Forms may lead to formTo, the
// shop's origin, besides the simulator itself: browsers apply the policy to the
// redirect that follows a form as well.
func (s *Sim) render(w http.ResponseWriter, status int, name string, view any, formTo string) {
	var page bytes.Buffer
	err := s.settle()
	if err == nil {
		err = s.pages.byName[name].ExecuteTemplate(&page, "layout", view)
	}
	if err != nil {
		s.cfg.Log.Error("gateway simulator's page", "page", name, "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self' "+formTo+
		"; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	// An error here means that the browser is gone.
	_, _ = w.Write(page.Bytes())
}

// say renders a message page.
func (s *Sim) say(w http.ResponseWriter, status int, view messageView) {
	s.render(w, status, "message", view, "")
}

func (s *Sim) serveCSS(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "max-age=300")
	_, _ = w.Write(s.pages.css)
}

// indexRows is how many payments the first page shows.
const indexRows = 30

func (s *Sim) serveIndex(w http.ResponseWriter, r *http.Request) {
	t := textsFor(r.URL.Query().Get("locale"))
	view := indexView{T: t, Heading: t.IndexTitle}
	for _, p := range s.newest(indexRows) {
		view.Payments = append(view.Payments, indexRow{p.ID, p.OrderName, t.money(p.Amount.Total, p.Currency), string(p.Status)})
	}
	s.render(w, http.StatusOK, "index", view, "")
}

// newest returns up to n payments, the newest first.
func (s *Sim) newest(n int) []*payment {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []*payment
	for _, id := range slices.Backward(s.state.order[max(0, len(s.state.order)-n):]) {
		found = append(found, s.state.payments[id])
	}
	return found
}

// showCheckout renders the hosted page of an open payment.
func (s *Sim) showCheckout(w http.ResponseWriter, p *payment, t *texts) {
	s.mu.Lock()
	chosen := s.state.faults[p.ID]
	s.mu.Unlock()
	method := methodCode(p.Method)
	amount := t.money(p.Amount.Total, p.Currency)
	view := checkoutView{
		T: t, Heading: t.Title, Amount: amount, Approve: t.approve(amount), OrderName: p.OrderName,
		Customer: p.Customer.Name, PaymentID: p.ID, Method: s.channelName(p.Channel, t.Lang),
		Test: p.Channel.Type == portone.ChannelTest, Path: "/checkout/" + p.TransactionID, Locale: t.Lang,
		FaultSeconds: hangSeconds, FaultStatus: errorStatus,
	}
	if method == portone.MethodCard && p.Method.Installment != nil {
		view.Installment = t.installment(p.Method.Installment.Month)
	}
	for _, r := range reasonsOf(method) {
		view.Reasons = append(view.Reasons, option{r.code, r.in(t.Lang)})
	}
	for _, name := range faultNames() {
		view.Faults = append(view.Faults, option{name, faultLabel(name, t.Lang)})
	}
	for _, f := range chosen {
		view.Chosen = append(view.Chosen, faultLabel(f.Name, t.Lang)+" × "+strconv.Itoa(f.Left))
	}
	s.render(w, http.StatusOK, "checkout", view, originOf(p.RedirectURL))
}

// channelName is what the customer knows a channel by.
func (s *Sim) channelName(channel portone.Channel, lang string) string {
	for _, c := range s.cfg.Channels {
		if c.Key == channel.Key && lang == "en" && c.EnglishName != "" {
			return c.EnglishName
		}
	}
	return channel.Name
}

// hostPattern is what a host may consist of, so that an address can stand in
// a header.
var hostPattern = regexp.MustCompile(`^[A-Za-z0-9.\-]+(:[0-9]+)?$|^\[[0-9A-Fa-f:.]+\](:[0-9]+)?$`)

// shopURL reads the address to return to: absolute, http or https.
func shopURL(address string) (*url.URL, bool) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil || !hostPattern.MatchString(u.Host) {
		return nil, false
	}
	return u, true
}

// originOf is the shop's own address, without a path.
func originOf(address string) string {
	u, ok := shopURL(address)
	if !ok {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
