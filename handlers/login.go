package handlers

import (
	"net/http"

	"pigonair/members"
	"pigonair/views/layout"
	memberviews "pigonair/views/members"
	"pigonair/views/texts"
)

// loginPage shows the log-in form, and how long the line in front of it is.
func (s *site) loginPage(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.URL.Query().Get("next"))
	if visitor(r.Context()) != nil {
		return see(w, r, orHome(next, "/"))
	}
	load := s.Members.HashLoad()
	form := memberviews.LogIn{Next: next, Waiting: load.Waiting, Wait: seconds(load.Wait)}
	return s.showLogin(w, r, form, refused{status: http.StatusOK})
}

// login begins a session for whoever has the right credentials.
func (s *site) login(w http.ResponseWriter, r *http.Request) error {
	return s.logIn(w, r, false)
}

// adminLoginPage shows the operators' log-in form.
func (s *site) adminLoginPage(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.URL.Query().Get("next"))
	if m := visitor(r.Context()); m != nil && m.IsOperator() {
		return see(w, r, orHome(next, "/admin"))
	}
	return s.showLogin(w, r, memberviews.LogIn{Next: next, Operators: true}, refused{status: http.StatusOK})
}

// adminLogin begins an operator's session; customers are refused as if the password were wrong.
func (s *site) adminLogin(w http.ResponseWriter, r *http.Request) error {
	return s.logIn(w, r, true)
}

func (s *site) logIn(w http.ResponseWriter, r *http.Request, operators bool) error {
	if err := readForm(r); err != nil {
		return err
	}
	form := memberviews.LogIn{
		Email: r.PostForm.Get("email"), Next: localPath(r.PostForm.Get("next")), Operators: operators,
	}
	m, err := s.Members.Authenticate(r.Context(), members.Attempt{
		Email: form.Email, Password: r.PostForm.Get("password"), Code: r.PostForm.Get("code"),
		From: caller(r), Device: device(r), Operators: operators,
	})
	if err != nil {
		back, ok := refusedBy(w, r, err)
		if !ok {
			return err
		}
		return s.showLogin(w, r, form, back)
	}
	if err := s.signIn(w, r, m); err != nil {
		return err
	}
	s.rememberDevice(w, m.ID)
	if operators {
		return see(w, r, orHome(form.Next, "/admin"))
	}
	return see(w, r, orHome(form.Next, "/"))
}

func (s *site) showLogin(w http.ResponseWriter, r *http.Request, form memberviews.LogIn, back refused) error {
	form.Outcome = back.Outcome
	ctx := r.Context()
	page := layout.Page{
		Title: texts.T(ctx, "member.login_title"), ErrorCode: back.code, URL: withNext("/login", form.Next),
		Toast: done(r, map[string]string{"reset": texts.T(ctx, "member.done_reset")}),
	}
	if form.Operators {
		page.Title, page.Ops, page.URL = texts.T(ctx, "member.ops_title"), true, withNext("/admin/login", form.Next)
	}
	return s.page(w, r, back.status, page, memberviews.LogInPage(form))
}

// logout ends the session. Who has none is led to the same page.
func (s *site) logout(w http.ResponseWriter, r *http.Request) error {
	if err := s.signOut(w, r); err != nil {
		return err
	}
	return see(w, r, "/")
}

// done is the sentence about what the form before this page did, as its address says. Only our own sentences
// can be chosen.
func done(r *http.Request, sentences map[string]string) string {
	return sentences[r.URL.Query().Get("done")]
}

func orHome(next, home string) string {
	if next == "" {
		return home
	}
	return next
}
