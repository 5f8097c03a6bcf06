// Package components are the parts that pages are made of. Each takes a small
// struct or a few values, writes plain HTML without any style or script of its
// own, and takes its words from the catalogues or from its caller.
package components

import (
	"time"

	"github.com/a-h/templ"
)

// Kind chooses the look of buttons, badges and notes.
type Kind string

// Kinds of buttons. A page has one Primary; Danger is for what cannot be undone.
const (
	Primary Kind = ""
	Quiet   Kind = "quiet"
	Plain   Kind = "plain"
	Danger  Kind = "danger"
)

// Kinds of badges and notes. Brand is neutral news; Sale is for badges only.
const (
	Neutral Kind = ""
	Brand   Kind = "brand"
	Good    Kind = "good"
	Warn    Kind = "warn"
	Bad     Kind = "bad"
	Sale    Kind = "sale"
)

// ButtonSpec describes a button that submits the form around it.
type ButtonSpec struct {
	Label  string
	Kind   Kind
	Action string // data-action, the mark of the button that goes on
	Name   string // with Value: what the form sends for this button
	Value  string
	Icon   Icon
	Small  bool
	Block  bool // as wide as its place
	Attrs  templ.Attributes
}

// LinkSpec describes a link that looks like a button.
type LinkSpec struct {
	Label  string
	URL    string
	Kind   Kind
	Action string
	Icon   Icon
	Small  bool
	Block  bool
	Attrs  templ.Attributes
}

// FieldSpec describes a one-line input with its label, hint and error.
type FieldSpec struct {
	Name         string
	ID           string // empty: the name
	Label        string
	Value        string
	Type         string // empty: text
	Hint         string
	Error        string // a sentence; empty when the field is fine
	Autocomplete string // the standard token; empty: off
	InputMode    string // numeric, tel, email
	Placeholder  string
	MaxLength    int // 0: none
	Required     bool
	Optional     bool // says so behind the label
	Reveal       bool // a password that can be made visible
	Attrs        templ.Attributes
}

// Option is one entry of a select.
type Option struct {
	Value    string
	Label    string
	Disabled bool
}

// SelectSpec describes a select with its label, hint and error.
type SelectSpec struct {
	Name         string
	ID           string // empty: the name
	Label        string
	Value        string // the chosen option's
	Options      []Option
	Hint         string
	Error        string
	Autocomplete string
	Required     bool
	Attrs        templ.Attributes
}

// Choice is one of the cards of Choices.
type Choice struct {
	Value    string
	Label    string
	Detail   string // a second, quieter line
	Aside    string // at the end of the card, such as a price
	Disabled bool
	Attrs    templ.Attributes // of the input
}

// ChoicesSpec describes a group of radio buttons shown as cards. Nothing is
// chosen unless Value says so.
type ChoicesSpec struct {
	Name    string
	Legend  string
	Value   string
	Options []Choice
	Hint    string
	Error   string
}

// CheckboxSpec describes one checkbox with its sentence.
type CheckboxSpec struct {
	Name     string
	ID       string // empty: the name
	Value    string // empty: "1"
	Label    string
	Hint     string
	Error    string
	Checked  bool
	Required bool
	Attrs    templ.Attributes
}

// Fault is a field's error in the summary above a form.
type Fault struct {
	ID      string // of the field
	Message string
}

// CardSpec describes a card. Without a title it is a plain box.
type CardSpec struct {
	Title string
	ID    string // of the card; its title gets ID-title
	Aside string // quiet words beside the title
	Lift  bool   // a little above the page: one per page
	Attrs templ.Attributes
}

// Column is a column of a table. Numbers are set flush right.
type Column struct {
	Label  string
	Number bool
	Hidden bool // the label is only read aloud
}

// Line is one line of a breakdown of prices.
type Line struct {
	Label  string
	Amount int64 // won
	Sum    bool  // the total below the others
}

// Place is an airport as shown to customers.
type Place struct {
	Code string // IATA
	Name string // in the page's language
}

// LegSpec is a flight as times and places. Both times stand in their own
// airport's zone.
type LegSpec struct {
	From, To       Place
	Depart, Arrive time.Time
	Duration       time.Duration
	Flight         string // number
	Dates          bool   // also show the dates
}

// DaySpec is one day of a strip of days with its lowest total.
type DaySpec struct {
	Date    time.Time
	Price   int64 // won; negative: nothing is sold on that day
	URL     string
	Current bool
	Lowest  bool
}

// PagerSpec leads through a list by key. An empty address leaves its link out.
type PagerSpec struct {
	Previous, Next string
	Attrs          templ.Attributes // of both links
}

// MeterSpec is a bar that shows a share.
type MeterSpec struct {
	Value, Max int64
	Label      string // read aloud, such as "4,360 of 12,500 have gone in"
}

// CountdownSpec is a clock that runs down to nothing.
type CountdownSpec struct {
	Seconds int
	Label   string // what runs out, before the clock
	// Reload fetches the page again at the end; only for pages that a GET
	// brought.
	Reload bool
	Big    bool
	Attrs  templ.Attributes // such as data-ref and data-booking-state
}

// StepperSpec is a small whole number with buttons to lower and raise it.
type StepperSpec struct {
	Name     string
	ID       string // empty: the name
	Label    string
	Hint     string
	Error    string
	Value    int
	Min, Max int
}
