package handlers

import (
	"errors"
	"net/http"
	"net/url"

	"pigonair/members"
	"pigonair/views/layout"
	memberviews "pigonair/views/members"
	"pigonair/views/texts"
)

// signupCookie keeps the address just signed up with, in the browser alone, for the page that repeats it.
const signupCookie = "signup"

// signupPage shows the sign-up form.
func (s *site) signupPage(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.URL.Query().Get("next"))
	if visitor(r.Context()) != nil {
		return see(w, r, orHome(next, "/"))
	}
	return s.showSignup(w, r, memberviews.SignUp{Next: next}, refused{status: http.StatusOK})
}

// signup makes an account and has the verification mailed. Its answer is the same for a known address.
func (s *site) signup(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	form := memberviews.SignUp{
		Name: r.PostForm.Get("name"), Email: r.PostForm.Get("email"), Next: localPath(r.PostForm.Get("next")),
		Terms: r.PostForm.Get("terms") != "", Marketing: r.PostForm.Get("marketing") != "",
	}
	err := s.Members.SignUp(r.Context(), members.SignUpForm{
		Email: form.Email, Password: r.PostForm.Get("password"), Name: form.Name, Language: texts.Lang(r.Context()),
		Terms: form.Terms, Marketing: form.Marketing, From: caller(r),
	})
	if err != nil {
		back, ok := refusedBy(w, r, err)
		if !ok {
			return err
		}
		return s.showSignup(w, r, form, back)
	}
	http.SetCookie(w, &http.Cookie{
		Name: signupCookie, Value: url.QueryEscape(form.Email), Path: "/verify-email", MaxAge: 600,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: !s.Site.Demo,
	})
	return see(w, r, withNext("/verify-email", form.Next))
}

func (s *site) showSignup(w http.ResponseWriter, r *http.Request, form memberviews.SignUp, back refused) error {
	form.Outcome = back.Outcome
	page := layout.Page{Title: texts.T(r.Context(), "member.signup_title"), ErrorCode: back.code, URL: withNext("/signup", form.Next)}
	return s.page(w, r, back.status, page, memberviews.SignUpPage(form))
}

// verifyPage is where mailed links lead; without a token it says that a mail is on its way.
//
// The GET itself verifies. Mail programs and their scanners open links before people do; the link is good
// for nothing but this, opening it twice does nothing more, and it takes no session with it: who opens it
// still has to log in with the password chosen at sign-up. A button that everybody has to press would only
// add a step.
func (s *site) verifyPage(w http.ResponseWriter, r *http.Request) error {
	if token := r.URL.Query().Get("token"); token != "" {
		return s.verify(w, r, token)
	}
	m := visitor(r.Context())
	switch {
	case m == nil:
		sent := memberviews.Sent{Email: signedUp(r), Next: localPath(r.URL.Query().Get("next"))}
		page := layout.Page{Title: texts.T(r.Context(), "member.sent_title")}
		return s.page(w, r, http.StatusOK, page, memberviews.SentPage(sent))
	case m.Verified:
		return s.showVerified(w, r, *m)
	}
	page := layout.Page{Title: texts.T(r.Context(), "member.unverified_title"), Toast: done(r, map[string]string{
		"resend": texts.T(r.Context(), "member.done_resend"),
	})}
	return s.page(w, r, http.StatusOK, page, memberviews.UnverifiedPage(m.Email))
}

// signedUp is the address that this browser has just signed up with; empty after some minutes.
func signedUp(r *http.Request) string {
	c, err := r.Cookie(signupCookie)
	if err != nil {
		return ""
	}
	email, err := url.QueryUnescape(c.Value)
	if err != nil || len(email) > members.MaxEmail {
		return ""
	}
	return email
}

// verifyEmail verifies by a token in a form or, without one, has another link mailed to the member.
func (s *site) verifyEmail(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	if token := r.Form.Get("token"); token != "" {
		return s.verify(w, r, token)
	}
	m := visitor(r.Context())
	if m == nil {
		return errLogin
	}
	if err := s.Members.ResendVerification(r.Context(), m.ID, caller(r)); err != nil {
		return err
	}
	return see(w, r, "/verify-email?done=resend")
}

func (s *site) verify(w http.ResponseWriter, r *http.Request, token string) error {
	m, err := s.Members.VerifyEmail(r.Context(), token)
	if isDeadLink(err) {
		return s.showDeadLink(w, r, memberviews.DeadLink{Expired: errors.Is(err, members.ErrLinkExpired)})
	}
	if err != nil {
		return err
	}
	return s.showVerified(w, r, m)
}

func (s *site) showVerified(w http.ResponseWriter, r *http.Request, m members.Member) error {
	page := layout.Page{Title: texts.T(r.Context(), "member.verified_title"), URL: "/verify-email"}
	view := memberviews.Verified{Email: m.Email, SignedIn: visitor(r.Context()) != nil}
	return s.page(w, r, http.StatusOK, page, memberviews.VerifiedPage(view))
}

func isDeadLink(err error) bool {
	return errors.Is(err, members.ErrLink) || errors.Is(err, members.ErrLinkExpired)
}

func (s *site) showDeadLink(w http.ResponseWriter, r *http.Request, view memberviews.DeadLink) error {
	page := layout.Page{Title: texts.T(r.Context(), "member.link_title"), ErrorCode: "link", URL: "/login"}
	return s.page(w, r, http.StatusGone, page, memberviews.DeadLinkPage(view))
}

// withNext is a path that carries where to go on.
func withNext(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}
