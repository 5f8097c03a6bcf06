package handlers

import (
	"errors"
	"net/http"

	"pigonair/members"
	"pigonair/views/layout"
	memberviews "pigonair/views/members"
	"pigonair/views/texts"
)

// resetPage asks for an address or, behind a mailed link, for the new password. Looking at it uses nothing up.
func (s *site) resetPage(w http.ResponseWriter, r *http.Request) error {
	token := r.URL.Query().Get("token")
	switch {
	case token == "" && r.URL.Query().Get("done") == "sent":
		page := layout.Page{Title: texts.T(r.Context(), "member.reset_sent_title")}
		return s.page(w, r, http.StatusOK, page, memberviews.ResetSentPage())
	case token == "":
		return s.showResetRequest(w, r, memberviews.ResetRequest{}, refused{status: http.StatusOK})
	}
	err := s.Members.CheckReset(r.Context(), token)
	if isDeadLink(err) {
		return s.showDeadReset(w, r, err)
	}
	if err != nil {
		return err
	}
	return s.showReset(w, r, token, refused{status: http.StatusOK})
}

// resetPassword has a link mailed or, with a link's token, sets the new password.
func (s *site) resetPassword(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	if token := r.PostForm.Get("token"); token != "" {
		return s.setPassword(w, r, token)
	}
	form := memberviews.ResetRequest{Email: r.PostForm.Get("email")}
	if err := s.Members.RequestReset(r.Context(), form.Email, caller(r)); err != nil {
		back, ok := refusedBy(w, r, err)
		if !ok {
			return err
		}
		return s.showResetRequest(w, r, form, back)
	}
	return see(w, r, "/password/reset?done=sent")
}

// setPassword ends all sessions of the member, this one too; who has read the mail may count as known here.
func (s *site) setPassword(w http.ResponseWriter, r *http.Request, token string) error {
	m, err := s.Members.ResetPassword(r.Context(), token, r.PostForm.Get("password"))
	if isDeadLink(err) {
		return s.showDeadReset(w, r, err)
	}
	if err != nil {
		back, ok := refusedBy(w, r, err)
		if !ok {
			return err
		}
		return s.showReset(w, r, token, back)
	}
	if err := s.signOut(w, r); err != nil {
		return err
	}
	s.rememberDevice(w, m.ID)
	return see(w, r, "/login?done=reset")
}

func (s *site) showResetRequest(w http.ResponseWriter, r *http.Request, form memberviews.ResetRequest, back refused) error {
	form.Outcome = back.Outcome
	page := layout.Page{Title: texts.T(r.Context(), "member.reset_title"), ErrorCode: back.code, URL: "/password/reset"}
	return s.page(w, r, back.status, page, memberviews.ResetRequestPage(form))
}

func (s *site) showReset(w http.ResponseWriter, r *http.Request, token string, back refused) error {
	form := memberviews.ResetForm{Token: token, Outcome: back.Outcome}
	page := layout.Page{
		Title: texts.T(r.Context(), "member.reset_title"), ErrorCode: back.code,
		URL: "/password/reset?token=" + token,
	}
	return s.page(w, r, back.status, page, memberviews.ResetPage(form))
}

func (s *site) showDeadReset(w http.ResponseWriter, r *http.Request, err error) error {
	return s.showDeadLink(w, r, memberviews.DeadLink{Reset: true, Expired: errors.Is(err, members.ErrLinkExpired)})
}
