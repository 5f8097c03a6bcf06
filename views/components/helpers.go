package components

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"pigonair/views/texts"
)

func (b ButtonSpec) class() string { return buttonClass(b.Kind, b.Small, b.Block) }

func (l LinkSpec) class() string { return buttonClass(l.Kind, l.Small, l.Block) }

func buttonClass(kind Kind, small, block bool) string {
	class := "button"
	if kind != Primary {
		class += " " + string(kind)
	}
	if small {
		class += " small"
	}
	if block {
		class += " block"
	}
	return class
}

func (b ButtonSpec) attrs() templ.Attributes {
	return merge(b.Attrs, "name", b.Name, "value", b.Value, "data-action", b.Action)
}

func (l LinkSpec) attrs() templ.Attributes { return merge(l.Attrs, "data-action", l.Action) }

// merge adds pairs of name and value to a copy of attrs; empty values are left out.
func merge(attrs templ.Attributes, pairs ...string) templ.Attributes {
	all := make(templ.Attributes, len(attrs)+len(pairs)/2)
	for k, v := range attrs {
		all[k] = v
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			all[pairs[i]] = pairs[i+1]
		}
	}
	return all
}

func (f FieldSpec) id() string    { return cmp.Or(f.ID, f.Name) }
func (s SelectSpec) id() string   { return cmp.Or(s.ID, s.Name) }
func (c CheckboxSpec) id() string { return cmp.Or(c.ID, c.Name) }
func (s StepperSpec) id() string  { return cmp.Or(s.ID, s.Name) }

func (f FieldSpec) attrs(ctx context.Context) templ.Attributes {
	all := merge(f.Attrs,
		"inputmode", f.InputMode, "placeholder", f.Placeholder,
		"autocomplete", cmp.Or(f.Autocomplete, "off"))
	if f.MaxLength > 0 {
		all["maxlength"] = strconv.Itoa(f.MaxLength)
	}
	if f.Reveal {
		all["data-reveal"] = texts.T(ctx, "components.reveal")
		all["data-conceal"] = texts.T(ctx, "components.conceal")
	}
	return described(all, f.id(), f.Hint, f.Error, f.Required)
}

func (s SelectSpec) attrs() templ.Attributes {
	return described(merge(s.Attrs, "autocomplete", s.Autocomplete), s.id(), s.Hint, s.Error, s.Required)
}

func (c CheckboxSpec) attrs() templ.Attributes {
	return described(merge(c.Attrs), c.id(), c.Hint, c.Error, c.Required)
}

func (s StepperSpec) attrs() templ.Attributes {
	return described(merge(nil, "min", strconv.Itoa(s.Min), "max", strconv.Itoa(s.Max)), s.id(), s.Hint, s.Error, true)
}

// described ties a field to its hint and its error.
func described(attrs templ.Attributes, id, hint, fault string, required bool) templ.Attributes {
	var by []string
	if hint != "" {
		by = append(by, id+"-hint")
	}
	if fault != "" {
		by = append(by, id+"-error")
		attrs["aria-invalid"] = "true"
	}
	if len(by) > 0 {
		attrs["aria-describedby"] = strings.Join(by, " ")
	}
	if required {
		attrs["required"] = true
	}
	return attrs
}

// groupDescription ties a group of choices to its hint and its error.
func (c ChoicesSpec) attrs() templ.Attributes {
	attrs := described(templ.Attributes{}, c.Name, c.Hint, c.Error, false)
	delete(attrs, "aria-invalid") // not for groups
	return attrs
}

// choiceID gives the first card the group's name, so that an error summary's
// link leads to it.
func choiceID(name string, i int) string {
	if i == 0 {
		return name
	}
	return name + "-" + strconv.Itoa(i+1)
}

// laterDays is how many dates a flight arrives after its departure, by the
// calendars of both airports; it may be -1 across the date line.
func (l LegSpec) laterDays() int {
	dy, dm, dd := l.Depart.Date()
	ay, am, ad := l.Arrive.Date()
	from := time.Date(dy, dm, dd, 0, 0, 0, 0, time.UTC)
	to := time.Date(ay, am, ad, 0, 0, 0, 0, time.UTC)
	return int(to.Sub(from).Hours() / 24)
}

func plusDays(n int) string {
	if n > 0 {
		return "+" + strconv.Itoa(n)
	}
	return "−" + strconv.Itoa(-n)
}

func (d DaySpec) class() string {
	if d.Lowest {
		return "low"
	}
	return ""
}

func (d DaySpec) attrs() templ.Attributes {
	if d.Current {
		return templ.Attributes{"aria-current": "date"}
	}
	return nil
}

// attrs carry the words that the script announces as the time runs out.
func (c CountdownSpec) attrs(ctx context.Context) templ.Attributes {
	all := merge(c.Attrs, "data-seconds-left", strconv.Itoa(max(c.Seconds, 0)))
	for _, minutes := range []int{10, 5, 3, 1} {
		all["data-say-"+strconv.Itoa(minutes)] = texts.T(ctx, "components.minutes_left", "count", minutes)
	}
	all["data-say-0"] = texts.T(ctx, "components.time_over")
	if c.Reload {
		all["data-at-end"] = "reload"
	}
	return all
}

// ExtraText is what something costs on top, in words: +9,000원, or free.
func ExtraText(ctx context.Context, amount int64) string {
	if amount == 0 {
		return texts.T(ctx, "components.free")
	}
	return "+" + texts.Won(ctx, amount)
}

func (c CardSpec) attrs() templ.Attributes {
	attrs := merge(c.Attrs, "id", c.ID)
	if c.ID != "" && c.Title != "" {
		attrs["aria-labelledby"] = c.ID + "-title"
	}
	return attrs
}

func (c CardSpec) titleAttrs() templ.Attributes {
	if c.ID == "" {
		return nil
	}
	return templ.Attributes{"id": c.ID + "-title"}
}

func stepAttrs(i, current int) templ.Attributes {
	switch {
	case i == current:
		return templ.Attributes{"aria-current": "step"}
	case i < current:
		return templ.Attributes{"class": "done"}
	}
	return nil
}
