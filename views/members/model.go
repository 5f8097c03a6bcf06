// Package members are the pages around accounts: sign-up, log-in, password, account, terms and privacy.
package members

import (
	"net/url"

	"pigonair/views/components"
)

// Errors are the sentences at a form's fields, by the field's name.
type Errors map[string]string

// fields is the order in which all forms of this package show their fields.
func fields() []string {
	return []string{"name", "email", "current", "password", "code", "terms"}
}

// summary lists the errors in the order of the fields.
func (e Errors) summary() []components.Fault {
	var faults []components.Fault
	for _, name := range fields() {
		if e[name] != "" {
			faults = append(faults, components.Fault{ID: name, Message: e[name]})
		}
	}
	return faults
}

// Refusal says why a form was not taken although nothing in it is malformed.
type Refusal int

// The refusals.
const (
	NotRefused Refusal = iota
	WrongCredentials
	CodeNeeded
	Busy
	Throttled
)

// Outcome is what came of a form that was sent: nothing yet, or why it comes back.
type Outcome struct {
	Errors  Errors
	Refusal Refusal
	Seconds int // until a further try is welcome, after Busy and Throttled
}

// SignUp is the sign-up form with what was typed into it.
type SignUp struct {
	Name, Email      string
	Terms, Marketing bool
	Next             string // a path of this site to go on to, or empty
	Outcome
}

// LogIn is the log-in form with what was typed into it.
type LogIn struct {
	Email     string
	Next      string
	Operators bool // the operators' door: asks for a code as well
	Waiting   int  // how many are waiting to be logged in
	Wait      int  // how long that takes, in seconds
	Outcome
}

func (f LogIn) action() string {
	if f.Operators {
		return "/admin/login"
	}
	return "/login"
}

// Sent is the page after sign-up.
type Sent struct {
	Email string // empty when not known any more
	Next  string
}

// Verified is the page of a link that has verified an address.
type Verified struct {
	Email    string
	SignedIn bool
}

// DeadLink is the page of a link that cannot be used.
type DeadLink struct {
	Reset   bool // a link to a new password
	Expired bool
}

// ResetRequest is the form that asks for a link to a new password.
type ResetRequest struct {
	Email string
	Outcome
}

// ResetForm is the form behind such a link.
type ResetForm struct {
	Token string
	Outcome
}

// Account is a member's own page: two forms, of which one may come back with errors.
type Account struct {
	Name, Email, Language string
	Verified, Marketing   bool
	Profile, Password     Outcome
}

// with is a path with a next page to go on to, if there is one.
func with(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}

// section is a part of a legal text, as keys of the catalogue.
type section struct{ title, text string }

func termsSections() []section {
	return []section{
		{"terms.who_title", "terms.who"},
		{"terms.account_title", "terms.account"},
		{"terms.buy_title", "terms.buy"},
		{"terms.queue_title", "terms.queue"},
		{"terms.cancel_title", "terms.cancel"},
		{"terms.change_title", "terms.change"},
	}
}

func privacySections() []section {
	return []section{
		{"privacy.what_title", "privacy.what"},
		{"privacy.how_long_title", "privacy.how_long"},
		{"privacy.who_title", "privacy.who"},
		{"privacy.cookies_title", "privacy.cookies"},
		{"privacy.rights_title", "privacy.rights"},
		{"privacy.demo_title", "privacy.demo"},
	}
}
