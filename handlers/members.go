package handlers

import (
	"errors"
	"math"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"pigonair/members"
	"pigonair/views/layout"
	memberviews "pigonair/views/members"
	"pigonair/views/texts"
)

// faultKeys are the sentences for what is wrong with a field of the members' forms.
var faultKeys = map[members.Field]map[members.Fault]string{
	members.FieldEmail: {members.Missing: "member.email_missing", members.Malformed: "member.email_malformed"},
	members.FieldName: {
		members.Missing: "member.name_missing", members.TooLong: "member.name_too_long",
		members.Malformed: "member.name_malformed",
	},
	members.FieldPassword: {
		members.Missing: "member.password_missing", members.TooShort: "member.password_too_short",
		members.TooLong: "member.password_too_long", members.TooCommon: "member.password_too_common",
		members.IsEmail: "member.password_is_email",
	},
	members.FieldCurrent: {members.Missing: "member.current_missing", members.Wrong: "member.current_wrong"},
	members.FieldTerms:   {members.Missing: "member.terms_missing"},
}

// refused is a members' form that comes back: what its page shows, and the answer's status and code.
type refused struct {
	memberviews.Outcome
	status int
	code   string
}

// refusedBy tells how a form comes back after err. ok is false for errors that have nothing to do with the
// form; they are for the error page. A wait is told as Retry-After too.
func refusedBy(w http.ResponseWriter, r *http.Request, err error) (back refused, ok bool) {
	var faults members.Faults
	var wait *members.WaitError
	switch {
	case errors.As(err, &faults):
		return refused{memberviews.Outcome{Errors: sentences(r, faults)}, http.StatusUnprocessableEntity, "invalid"}, true
	case errors.Is(err, members.ErrCredentials):
		return refused{memberviews.Outcome{Refusal: memberviews.WrongCredentials}, http.StatusUnprocessableEntity, "credentials"}, true
	case errors.Is(err, members.ErrSecondFactor):
		return refused{memberviews.Outcome{Refusal: memberviews.CodeNeeded}, http.StatusUnprocessableEntity, "second_factor"}, true
	case errors.As(err, &wait):
		back = refusedForNow(err, wait.Wait)
		w.Header().Set("Retry-After", strconv.Itoa(back.Seconds))
		return back, true
	}
	return refused{}, false
}

func refusedForNow(err error, wait time.Duration) refused {
	o := memberviews.Outcome{Seconds: seconds(wait), Refusal: memberviews.Throttled}
	if errors.Is(err, members.ErrBusy) {
		o.Refusal = memberviews.Busy
		return refused{o, http.StatusServiceUnavailable, "busy"}
	}
	return refused{o, http.StatusTooManyRequests, "throttled"}
}

func sentences(r *http.Request, faults members.Faults) memberviews.Errors {
	all := memberviews.Errors{}
	for field, fault := range faults {
		all[string(field)] = texts.T(r.Context(), faultKeys[field][fault])
	}
	return all
}

// seconds rounds up to whole seconds, at least one.
func seconds(d time.Duration) int { return max(1, int(math.Ceil(d.Seconds()))) }

// readForm parses a form of our own pages.
func readForm(r *http.Request) error {
	err := r.ParseForm()
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return errTooLarge
	case err != nil:
		return errBadRequest
	}
	return nil
}

// localPath is the path of this site to which a form leads on, and empty for anything else: a link that
// somebody was sent must not lead from our log-in to another site. Browsers read backslashes as slashes, skip
// control characters, and take two leading slashes for a host.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsFunc(next, misread) {
		return ""
	}
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || strings.HasPrefix(u.EscapedPath(), "//") {
		return ""
	}
	switch u.Path {
	case "/login", "/logout", "/signup", "/admin/login":
		return ""
	}
	return u.RequestURI()
}

func misread(r rune) bool { return r == '\\' || r <= ' ' || r == 0x7f }

// caller is the address of whoever sent the request. Behind a proxy on this machine or in a private network
// it is the address that the proxy put last into X-Forwarded-For; from elsewhere that header is anybody's word.
func caller(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := peer.Addr().Unmap()
	if !addr.IsLoopback() && !addr.IsPrivate() {
		return addr
	}
	list := r.Header.Values("X-Forwarded-For")
	if len(list) == 0 {
		return addr
	}
	last := list[len(list)-1]
	forwarded, err := netip.ParseAddr(strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:]))
	if err != nil {
		return addr
	}
	return forwarded.Unmap()
}

// deviceCookie marks a browser in which a member has logged in before; see members.NewDevice.
const deviceCookie = "device"

// deviceLife is how long browsers keep cookies at most.
const deviceLife = 400 * 24 * time.Hour

func device(r *http.Request) string {
	c, err := r.Cookie(deviceCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

func (s *site) rememberDevice(w http.ResponseWriter, memberID int64) {
	http.SetCookie(w, &http.Cookie{
		Name: deviceCookie, Value: s.Members.NewDevice(memberID), Path: "/", MaxAge: int(deviceLife.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: !s.Site.Demo,
	})
}

// terms and privacy are what members agree to at sign-up.
func (s *site) terms(w http.ResponseWriter, r *http.Request) error {
	page := layout.Page{Title: texts.T(r.Context(), "terms.title")}
	return s.page(w, r, http.StatusOK, page, memberviews.TermsPage(members.TermsVersion))
}

func (s *site) privacy(w http.ResponseWriter, r *http.Request) error {
	page := layout.Page{Title: texts.T(r.Context(), "privacy.title")}
	return s.page(w, r, http.StatusOK, page, memberviews.PrivacyPage(members.TermsVersion))
}
