package sales

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"pigonair/audit"
	"pigonair/db"
)

// Faults of an operator's change; several come joined.
var (
	// ErrNoChange: nothing would change.
	ErrNoChange = errors.New("sales: nothing to change")
	// ErrRate: not a number of admissions a minute from 0 to MaxRate.
	ErrRate = errors.New("sales: rate out of range")
	// ErrCap: not a number of customers inside from 0 to MaxCap.
	ErrCap = errors.New("sales: cap out of range")
	// ErrReason: a pause needs a reason that those in line are shown; no text may be longer than MaxReason.
	ErrReason = errors.New("sales: reason missing or too long")
	// ErrTransition: the sale cannot go there from where it is.
	ErrTransition = errors.New("sales: no way from this state to that")
)

// Limits of what operators may set.
const (
	MaxRate   = 600_000
	MaxCap    = 1_000_000
	MaxReason = 200 // runes
)

// Step is what an operator does to a sale besides setting figures.
type Step string

// The steps.
const (
	NoStep Step = ""
	Pause  Step = "pause"  // nobody is let in; those in line are told why
	Resume Step = "resume" // the line moves again
	Drain  Step = "drain"  // nobody may join any more; the line is served to its end
	Reopen Step = "reopen" // joining is possible again
	Close  Step = "close"  // the sale is over
)

// Names of what is done to a sale in the audit log; a step's is ActionOf.
const (
	ActionRate = "sale.rate"
	ActionCap  = "sale.cap"
)

// ActionOf is a step's name in the audit log.
func ActionOf(step Step) string { return "sale." + string(step) }

// Change is what an operator asks for. Figures that are nil stay.
type Change struct {
	Rate *int // admissions a minute
	Cap  *int // customers inside at once
	Step Step
	// Reason stands in the audit log; for a pause those in line read it too, in English ReasonEn if given.
	Reason, ReasonEn string
}

// By is who asks.
type By struct {
	Member    int64
	RequestID string
}

// mostEntries is how many entries of the audit log one change makes at most.
const mostEntries = 3

// Control carries out an operator's change and notes it, in one transaction. Errors: ErrNoSale, ErrRate,
// ErrCap, ErrReason, ErrTransition, ErrNoChange.
func (s *Sales) Control(ctx context.Context, sale int64, change Change, by By) error {
	if err := change.Check(); err != nil {
		return err
	}
	first, err := s.ids.NextN(ctx, db.AuditIDs, mostEntries)
	if err != nil {
		return fmt.Errorf("sales.Control(%d): %w", sale, err)
	}
	// READ COMMITTED: the only row that decides is locked first.
	err = db.Transact(ctx, s.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		row, err := tx.SaleLock(ctx, sale)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNoSale
		}
		if err != nil {
			return err
		}
		return change.apply(ctx, tx, row, first, by)
	})
	if err != nil {
		return fmt.Errorf("sales.Control(%d): %w", sale, err)
	}
	s.forget()
	return nil
}

// Check tells what no sale allows, whatever its state. Errors: ErrRate, ErrCap, ErrReason, several joined.
func (c Change) Check() error {
	var faults []error
	if c.Rate != nil && (*c.Rate < 0 || *c.Rate > MaxRate) {
		faults = append(faults, ErrRate)
	}
	if c.Cap != nil && (*c.Cap < 0 || *c.Cap > MaxCap) {
		faults = append(faults, ErrCap)
	}
	tooLong := len([]rune(c.Reason)) > MaxReason || len([]rune(c.ReasonEn)) > MaxReason
	if tooLong || c.Step == Pause && c.Reason == "" {
		faults = append(faults, ErrReason)
	}
	return errors.Join(faults...)
}

func (c Change) apply(ctx context.Context, tx *db.Tx, row db.Sale, entryID int64, by By) error {
	next := row
	var entries []audit.Entry
	note := func(action, before, after string) {
		entries = append(entries, audit.Entry{
			ID: entryID + int64(len(entries)), Actor: by.Member, Action: action, Subject: AuditSubject(row.Slug),
			Before: before, After: after, Reason: c.Reason, RequestID: by.RequestID,
		})
	}
	if c.Rate != nil && *c.Rate != row.RatePerMinute {
		next.RatePerMinute = *c.Rate
		note(ActionRate, strconv.Itoa(row.RatePerMinute), strconv.Itoa(next.RatePerMinute))
	}
	if c.Cap != nil && *c.Cap != row.Cap {
		next.Cap = *c.Cap
		note(ActionCap, strconv.Itoa(row.Cap), strconv.Itoa(next.Cap))
	}
	if c.Step != NoStep {
		if err := c.step(&next); err != nil {
			return err
		}
		note(ActionOf(c.Step), row.State, next.State)
	}
	if len(entries) == 0 {
		return ErrNoChange
	}
	return write(ctx, tx, next, entries)
}

// step moves a sale on. Errors: ErrTransition.
func (c Change) step(next *db.Sale) error {
	running := next.State == "scheduled" || next.State == "open"
	switch {
	case c.Step == Pause && !next.Paused && next.State != "closed":
		next.Paused, next.PauseReasonKo, next.PauseReasonEn = true, c.Reason, c.ReasonEn
	case c.Step == Resume && next.Paused:
		next.Paused, next.PauseReasonKo, next.PauseReasonEn = false, "", ""
	case c.Step == Drain && running:
		next.State = "drained"
	case c.Step == Reopen && next.State == "drained":
		next.State = "open"
	case c.Step == Close && (running || next.State == "drained"):
		next.State = "closed"
	default:
		return ErrTransition
	}
	return nil
}

func write(ctx context.Context, tx *db.Tx, next db.Sale, entries []audit.Entry) error {
	changed, err := tx.SaleControl(ctx, db.SaleControlParams{
		State: next.State, Paused: next.Paused, PauseReasonKo: next.PauseReasonKo, PauseReasonEn: next.PauseReasonEn,
		RatePerMinute: next.RatePerMinute, Cap: next.Cap, ID: next.ID, Version: next.Version,
	})
	if err != nil {
		return err
	}
	if changed != 1 {
		return fmt.Errorf("sales: sale %d changed under its lock", next.ID)
	}
	for _, e := range entries {
		if err := audit.Write(ctx, tx, e); err != nil {
			return err
		}
	}
	return nil
}

// AuditSubject is the name of a sale in the audit log.
func AuditSubject(slug string) string { return "sale:" + slug }

// Log returns what operators did to a sale, newest first, at most limit entries.
func (s *Sales) Log(ctx context.Context, sale Sale, limit int) ([]audit.Record, error) {
	return audit.Of(ctx, db.New(s.pool), AuditSubject(sale.Slug), limit)
}
