package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/alexedwards/scs/v2"

	"pigonair/members"
	"pigonair/views/layout"
)

// Keys of the session's values. The session says who it is; everything else is read where it lives.
const (
	sessionMember = "member"
	sessionEpoch  = "epoch"
)

// HintCookie tells pages without a session that this browser has one; it opens nothing.
const HintCookie = "in"

type memberKey struct{}

// loadSession loads and saves the session around a handler and puts the member, if any, into the context.
// While Redis is away nobody is sent to log in and no cookie is touched: the page says that we are back soon.
func (s *site) loadSession(next http.Handler) http.Handler {
	return s.Sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "private, no-store")
		m, err := s.sessionMember(r.Context())
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if m != nil {
			r = r.WithContext(context.WithValue(r.Context(), memberKey{}, m))
		}
		next.ServeHTTP(w, r)
	}))
}

// sessionMember is who the session belongs to; nil for strangers and for sessions that a password reset ended.
func (s *site) sessionMember(ctx context.Context) (*members.Member, error) {
	id := s.Sessions.GetInt64(ctx, sessionMember)
	if id == 0 {
		return nil, nil
	}
	m, err := s.Members.Get(ctx, id)
	if errors.Is(err, members.ErrUnknown) {
		return nil, nil // the account is gone; so is its session
	}
	if err != nil {
		return nil, err
	}
	if m.SessionEpoch != s.Sessions.GetInt(ctx, sessionEpoch) {
		return nil, nil
	}
	return &m, nil
}

// visitor is the member of this request; nil when nobody is logged in or the route loads no session.
func visitor(ctx context.Context) *members.Member {
	m, _ := ctx.Value(memberKey{}).(*members.Member)
	return m
}

// signIn starts a session for a member under a fresh token, so that a planted one is worth nothing.
func (s *site) signIn(w http.ResponseWriter, r *http.Request, m members.Member) error {
	if err := s.Sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	s.Sessions.Put(r.Context(), sessionMember, m.ID)
	s.Sessions.Put(r.Context(), sessionEpoch, m.SessionEpoch)
	s.setHint(w, "1", 30*24*3600)
	return nil
}

// NewSession stores a session of a member outside of any request and returns its token, for load tests.
func NewSession(ctx context.Context, sessions *scs.SessionManager, m members.Member, until time.Time) (string, error) {
	ctx, err := sessions.Load(ctx, "")
	if err != nil {
		return "", err
	}
	sessions.SetDeadline(ctx, until)
	sessions.Put(ctx, sessionMember, m.ID)
	sessions.Put(ctx, sessionEpoch, m.SessionEpoch)
	token, _, err := sessions.Commit(ctx)
	return token, err
}

func (s *site) signOut(w http.ResponseWriter, r *http.Request) error {
	s.setHint(w, "", -1)
	return s.Sessions.Destroy(r.Context())
}

func (s *site) setHint(w http.ResponseWriter, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{Name: HintCookie, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: !s.Site.Demo})
}

// account is what the header shows of the visitor; without a session the hint cookie has to do.
func (s *site) account(r *http.Request) layout.Account {
	if m := visitor(r.Context()); m != nil {
		return layout.Account{SignedIn: true, Name: m.Name, Operator: m.IsOperator()}
	}
	_, err := r.Cookie(HintCookie)
	return layout.Account{SignedIn: err == nil}
}

// require lets a request through only for those whom the route map names.
func (s *site) require(who access, next http.Handler) http.Handler {
	if who == anyone {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m := visitor(r.Context())
		switch {
		case m == nil:
			s.askLogin(w, r, who)
		case who == operator && !m.IsOperator():
			s.fail(w, r, errNotFound)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// askLogin leads a stranger to the log-in and back: a page by its own address, a form by the page it stood on.
// What was typed is not carried along; a write without a page behind it is refused.
func (s *site) askLogin(w http.ResponseWriter, r *http.Request, who access) {
	login, back := "/login", r.URL.RequestURI()
	if who == operator {
		login = "/admin/login"
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		from, err := url.Parse(r.Referer())
		if err != nil || from.Host != r.Host || from.Path == "" {
			s.fail(w, r, errLogin)
			return
		}
		back = from.RequestURI()
	}
	http.Redirect(w, r, login+"?next="+url.QueryEscape(back), http.StatusSeeOther)
}
