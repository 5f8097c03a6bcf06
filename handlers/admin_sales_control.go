package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"pigonair/sales"
	"pigonair/views/admin"
	"pigonair/views/texts"
)

// adminSaleControl is POST /admin/sales/{sale}/control: rate and cap, or a step such as pause. It counts for
// all processes within a second.
func (s *site) adminSaleControl(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := readForm(r); err != nil {
		return err
	}
	sale, err := s.Sales.BySlug(ctx, r.PathValue("sale"))
	if err != nil {
		return err
	}
	form, change := controlForm(sale, r.PostForm)
	if form.Errors = s.controlFaults(ctx, errors.Join(change.err, change.Check())); len(form.Errors) == 0 {
		err := s.Sales.Control(ctx, sale.ID, change.Change, sales.By{Member: visitor(ctx).ID, RequestID: requestID(ctx)})
		if form.Errors = s.controlFaults(ctx, err); err != nil && len(form.Errors) == 0 && !errors.Is(err, sales.ErrNoChange) {
			return err
		}
	}
	if len(form.Errors) > 0 {
		return s.showCockpit(w, r, sale, form, http.StatusUnprocessableEntity)
	}
	if err := s.Rooms.Reload(ctx); err != nil { // every process looks for changes by itself as well
		s.Log.Warn("waiting rooms not told of a change", "sale", sale.ID, "error", err)
	}
	return see(w, r, "/admin/sales/"+url.PathEscape(sale.Slug)+"?done")
}

// typedChange is a change with what is wrong with it as it was typed.
type typedChange struct {
	sales.Change
	err error
}

// controlForm reads what was typed. Fields that were not sent stay as they are.
func controlForm(sale sales.Sale, form url.Values) (admin.Control, typedChange) {
	typed := admin.Control{
		Rate: strconv.Itoa(sale.RatePerMinute), Cap: strconv.Itoa(sale.Cap),
		Reason: strings.TrimSpace(form.Get("reason")), ReasonEn: strings.TrimSpace(form.Get("reason_en")),
	}
	change := typedChange{Change: sales.Change{Step: sales.Step(form.Get("step")), Reason: typed.Reason, ReasonEn: typed.ReasonEn}}
	if form.Has("rate") {
		typed.Rate = form.Get("rate")
		change.Rate = change.number(typed.Rate, sales.ErrRate)
	}
	if form.Has("cap") {
		typed.Cap = form.Get("cap")
		change.Cap = change.number(typed.Cap, sales.ErrCap)
	}
	return typed, change
}

// number reads a whole number, with or without commas between the thousands.
func (c *typedChange) number(text string, fault error) *int {
	n, err := strconv.Atoi(strings.ReplaceAll(strings.TrimSpace(text), ",", ""))
	if err != nil {
		c.err = errors.Join(c.err, fault)
		return nil
	}
	return &n
}

// controlFaults are the sentences at the fields for what is wrong with a change.
func (s *site) controlFaults(ctx context.Context, err error) admin.Errors {
	faults := admin.Errors{}
	if errors.Is(err, sales.ErrRate) {
		faults["rate"] = texts.T(ctx, "admin.rate_wrong", "most", texts.Count(ctx, sales.MaxRate))
	}
	if errors.Is(err, sales.ErrCap) {
		faults["cap"] = texts.T(ctx, "admin.cap_wrong", "most", texts.Count(ctx, sales.MaxCap))
	}
	if errors.Is(err, sales.ErrReason) {
		faults["reason"] = texts.T(ctx, "admin.reason_wrong")
	}
	if errors.Is(err, sales.ErrTransition) {
		faults["step"] = texts.T(ctx, "admin.step_wrong")
	}
	return faults
}
