package handlers

import (
	"net/http"
	"net/url"

	"pigonair/members"
	"pigonair/views/layout"
	memberviews "pigonair/views/members"
	"pigonair/views/texts"
)

// accountPage shows a member's own particulars.
func (s *site) accountPage(w http.ResponseWriter, r *http.Request) error {
	return s.showAccount(w, r, accountView(*visitor(r.Context())), refused{status: http.StatusOK})
}

// changeAccount changes what one of the page's forms is about.
func (s *site) changeAccount(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	switch r.PostForm.Get("do") {
	case "profile":
		return s.changeProfile(w, r)
	case "password":
		return s.changePassword(w, r)
	case "resend":
		return s.resendVerification(w, r)
	}
	return errBadRequest
}

// changeProfile leads back in the language that was chosen, which the address makes the browser keep.
func (s *site) changeProfile(w http.ResponseWriter, r *http.Request) error {
	profile := members.Profile{
		Name: r.PostForm.Get("name"), Language: r.PostForm.Get("language"), Marketing: r.PostForm.Get("marketing") != "",
	}
	m, err := s.Members.UpdateProfile(r.Context(), visitor(r.Context()).ID, profile)
	if err != nil {
		back, ok := refusedBy(w, r, err)
		if !ok {
			return err
		}
		view := accountView(*visitor(r.Context()))
		view.Name, view.Language, view.Marketing = profile.Name, profile.Language, profile.Marketing
		view.Profile = back.Outcome
		return s.showAccount(w, r, view, back)
	}
	return see(w, r, "/account?done=profile&lang="+url.QueryEscape(m.Language))
}

// changePassword ends all sessions of the member and begins this one anew.
func (s *site) changePassword(w http.ResponseWriter, r *http.Request) error {
	m, err := s.Members.ChangePassword(r.Context(), visitor(r.Context()).ID, members.PasswordChange{
		Current: r.PostForm.Get("current"), New: r.PostForm.Get("password"), From: caller(r),
	})
	if err != nil {
		back, ok := refusedBy(w, r, err)
		if !ok {
			return err
		}
		view := accountView(*visitor(r.Context()))
		view.Password = back.Outcome
		return s.showAccount(w, r, view, back)
	}
	if err := s.signIn(w, r, m); err != nil {
		return err
	}
	s.rememberDevice(w, m.ID)
	return see(w, r, "/account?done=password")
}

func (s *site) resendVerification(w http.ResponseWriter, r *http.Request) error {
	if err := s.Members.ResendVerification(r.Context(), visitor(r.Context()).ID, caller(r)); err != nil {
		return err
	}
	return see(w, r, "/account?done=resend")
}

func accountView(m members.Member) memberviews.Account {
	return memberviews.Account{
		Name: m.Name, Email: m.Email, Language: m.Language, Verified: m.Verified, Marketing: m.Marketing,
	}
}

func (s *site) showAccount(w http.ResponseWriter, r *http.Request, view memberviews.Account, back refused) error {
	ctx := r.Context()
	page := layout.Page{Title: texts.T(ctx, "member.account_title"), ErrorCode: back.code, URL: "/account"}
	page.Toast = done(r, map[string]string{
		"profile":  texts.T(ctx, "member.done_profile"),
		"password": texts.T(ctx, "member.done_password"),
		"resend":   texts.T(ctx, "member.done_resend"),
	})
	return s.page(w, r, back.status, page, memberviews.AccountPage(view))
}
