// Package admin are the operators' pages: the sentence first, then figures, then tables.
package admin

import (
	"context"
	"time"

	"pigonair/views/components"
	"pigonair/views/texts"
)

// Sale is a sale with its figures at this moment. Figures of the line are missing where Known is false.
type Sale struct {
	URL, Name string
	State     string // draft, scheduled, open, drained or closed
	Paused    bool
	Opens     time.Time // Korean time, as all times of this package
	Known     bool
	Frozen    bool // the figures of the line are old: its store is away
	Waiting   int64
	Absent    int64
	Admitted  int64
	Inside    int64
	Cap       int64
	Rate      int64 // admissions a minute, as set
	PerMinute int64 // as they come in
	Held      int64
	Paying    int64
	Sold      int64
	Free      int64
}

// state is the sale's state in words, with the kind of badge that fits.
func (s Sale) state(ctx context.Context) (string, components.Kind) {
	switch {
	case s.State == "draft":
		return texts.T(ctx, "admin.state_draft"), components.Neutral
	case s.State == "scheduled":
		return texts.T(ctx, "admin.state_scheduled"), components.Brand
	case s.State == "closed":
		return texts.T(ctx, "admin.state_closed"), components.Neutral
	case s.Paused:
		return texts.T(ctx, "admin.state_paused"), components.Warn
	case s.State == "drained":
		return texts.T(ctx, "admin.state_drained"), components.Warn
	}
	return texts.T(ctx, "admin.state_open"), components.Good
}

// minutes is how long the line takes at its present pace; 0 when nobody moves.
func (s Sale) minutes() int64 {
	if s.PerMinute < 1 {
		return 0
	}
	return (s.Waiting + s.PerMinute - 1) / s.PerMinute
}

// Cockpit is the page of one sale.
type Cockpit struct {
	Sale
	Slug        string
	Form        Control
	PauseReason string
	Log         []Entry
}

// Control is the form of what operators set, with what was typed into it.
type Control struct {
	Rate, Cap        string
	Reason, ReasonEn string
	Errors           Errors
}

// Errors are the sentences at a form's fields, by the field's name.
type Errors map[string]string

// summary lists the errors in the order of the fields.
func (e Errors) summary() []components.Fault {
	var faults []components.Fault
	for _, name := range []string{"rate", "cap", "reason", "step"} {
		if e[name] != "" {
			faults = append(faults, components.Fault{ID: name, Message: e[name]})
		}
	}
	return faults
}

// Entry is something that an operator did.
type Entry struct {
	At     time.Time
	Who    string
	What   string
	Reason string
}

// known is a figure in words, or a dash where it cannot be had.
func known(ctx context.Context, ok bool, n int64) string {
	if !ok {
		return "–"
	}
	return texts.Count(ctx, n)
}
