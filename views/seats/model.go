// Package seats shows the inside of an aircraft and lets customers choose their seats.
package seats

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"pigonair/views/components"
	"pigonair/views/texts"
)

// Page is the seat map of one flight with the form that takes the choice.
type Page struct {
	Flight    string // public id
	From, To  components.Place
	Leg       components.LegSpec
	Aircraft  string
	Cancelled bool
	Closed    bool // too late to buy
	ListURL   string
	FlightURL string
	OtherURL  string // all cabins, where Fare restricts the map to one; empty otherwise

	Fare  *Fare  // the fare that was chosen; nil: the cheapest that has places
	Party *Party // who travels; nil: an adult for each seat that is ticked
	Max   int    // seats that may be ticked; all of them must be where Party is set
	Key   string // of the form: a repeated press makes one hold
	Auto  *Auto  // one tap instead of choosing; nil where that is not offered here
	Mine  *Mine  // seats of this flight that the visitor holds already
	Live  Live
	Map   Map

	Short   bool     // too few seats were ticked before
	Earlier *Earlier // the first flight of a round trip, whose seats are chosen
	Later   string   // public id of the second flight, whose map follows; empty: none
	Fares   []string // FLIGHT:CODE, as the form sends them
}

// Party is who travels.
type Party struct{ Adults, Children, Infants int }

// Fare is the chosen product with what an adult pays at it.
type Fare struct {
	Name  string
	Kind  components.Kind
	Price int64
	Lines []components.Line
}

// Auto is the offer to choose seats for the customer.
type Auto struct {
	Cabin, Fare string // codes
	Party       Party
	Total       int64
	Key         string
}

// Mine is what the visitor holds on this flight.
type Mine struct {
	Seats []string
	URL   string // of the booking
}

// Earlier is the choice on the first flight of a round trip.
type Earlier struct {
	Flight string // public id
	Seats  []string
	Cost   int64 // of the whole party on that flight, add-ons included
}

// Live says how the map keeps itself up to date.
type Live struct {
	URL  string // fetches the map alone
	ETag string // of the map as shown
}

// Map is the cabins, front to back.
type Map struct{ Cabins []Cabin }

// Cabin is one cabin with its rows.
type Cabin struct {
	Name    string
	Columns []Column
	Rows    []Row
	Wide    bool // two aisles
	// Costs is what the first, second, … seat chosen here costs without its add-on; the last goes for all after it.
	Costs []int64
}

// Column is a letter, or an aisle without one.
type Column struct{ Letter string }

// Row is a row of seats, or what stands between rows.
type Row struct {
	Number int
	Exit   bool
	Band   string   // heading where another kind of seats begins; empty: as before
	Cells  []Cell   // of a row of seats
	Blocks []string // of a line without seats: what stands left, in the middle, right
}

// CellKind says what stands at a place of a row.
type CellKind int

// What stands in a row of seats. The first aisle shows the row's number.
const (
	SeatCell CellKind = iota
	NumberCell
	AisleCell
	GapCell
)

// Cell is one place of a row.
type Cell struct {
	Kind CellKind
	Seat Seat
}

// Seat is one seat as shown.
type Seat struct {
	No, Letter string
	State      string // available, held, sold, blocked or yours
	AddOn      int64  // won on top of the fare
	Checked    bool
	Words      string // read aloud: 12A, window, exit row, +15,000원, free
}

// free tells whether the seat can be ticked.
func (s Seat) free() bool { return s.State == "available" }

func (s Seat) class() string {
	class := "seat"
	if s.AddOn > 0 {
		class += " plus"
	}
	switch s.State {
	case "available":
	case "yours":
		class += " yours"
	default:
		class += " taken"
	}
	return class
}

func (s Seat) marks() templ.Attributes {
	return templ.Attributes{"data-seat": s.No, "data-state": s.State, "data-price": strconv.FormatInt(s.AddOn, 10)}
}

// costs are a cabin's costs as the script reads them.
func (c Cabin) costs() string {
	words := make([]string, len(c.Costs))
	for i, won := range c.Costs {
		words[i] = strconv.FormatInt(won, 10)
	}
	return strings.Join(words, " ")
}

// script is what the page's script needs for its summary.
func (p Page) script(ctx context.Context) templ.Attributes {
	attrs := templ.Attributes{
		"data-seats": true, "data-max": strconv.Itoa(p.Max), "data-limit": texts.T(ctx, "seats.limit", "count", p.Max),
		"data-least": strconv.Itoa(p.least()), "data-short": texts.T(ctx, "seats.short", "count", p.least()),
		"data-money": texts.T(ctx, "seats.money"), "data-say": texts.T(ctx, "seats.say"), "data-lost": texts.T(ctx, "seats.lost"),
	}
	if p.Earlier != nil {
		attrs["data-before"] = strconv.FormatInt(p.Earlier.Cost, 10)
	}
	return attrs
}

// least is how many seats have to be ticked.
func (p Page) least() int {
	if p.Party == nil {
		return 1
	}
	return p.Max
}

// method and action send the choice on: to the hold, or to the map of a second flight.
func (p Page) method() string {
	if p.Later != "" {
		return "get"
	}
	return "post"
}

func (p Page) action() string {
	if p.Later != "" {
		return "/flights/" + p.Later + "/seats"
	}
	return "/holds"
}

// live are the attributes by which the map asks for itself again. Where that fails it stays as it is.
func (l Live) attrs() templ.Attributes {
	if l.URL == "" {
		return nil
	}
	return templ.Attributes{
		"hx-get": l.URL, "hx-trigger": "every 3s", "hx-swap": "outerMorph show:none", "hx-status:4xx": "swap:none", "hx-status:5xx": "swap:none",
		"data-etag": l.ETag,
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

func won(n int64) string { return strconv.FormatInt(n, 10) }

// when is the flight in a line: ZP101 · 12월 24일(목) 06:15.
func (p Page) when(ctx context.Context) string {
	return p.Leg.Flight + " · " + texts.DateTime(ctx, p.Leg.Depart) + zone(p.Leg.Depart)
}

// zone names the offset of a departure outside Korea, so that no time is ambiguous.
func zone(t time.Time) string {
	if _, offset := t.Zone(); offset == 9*60*60 {
		return ""
	}
	return " (UTC" + t.Format("-07:00") + ")"
}
