// Package sales are the pages of a sale: the list, the sale itself, its waiting room, and how the order of the
// line comes about.
package sales

import (
	"context"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"pigonair/views/components"
	"pigonair/views/texts"
)

// Card is a sale in the list.
type Card struct {
	URL, Name string
	State     string // scheduled, open, drained or closed
	Paused    bool
	Opens     time.Time // Korean time, as all times of this package
	Closes    time.Time
	Lowest    int64 // lowest total per adult in won; 0: nothing to be had
}

// Sale is a sale as its page shows it.
type Sale struct {
	Card
	Slug        string
	PauseReason string
	Joins, Now  time.Time
	OpensIn     int // seconds; 0 after the opening
	Free        int64
	Limit       int // seats of one booking
	SignedIn    bool
	Verified    bool
	Joinable    bool // a place in line can be had now
	HasPlace    bool // this browser has one
	InsideFor   int  // seconds for which the visitor's pass still opens the flights; 0: not inside
	Routes      []Route
	Months      []Month
	Notice      *Notice
}

// Notice says what came of something the visitor asked for.
type Notice struct{ Title, Text string }

// Route is a route of a sale with what is left on it.
type Route struct {
	From, To components.Place
	Left     Left
	Seats    int64
}

// Left is how much is left, in words.
type Left string

// The words for what is left.
const (
	Plenty Left = "plenty"
	Few    Left = "few"
	None   Left = "none"
)

// words and kind show what is left.
func (l Left) words(ctx context.Context) string {
	switch l {
	case Plenty:
		return texts.T(ctx, "sale.left_plenty")
	case Few:
		return texts.T(ctx, "sale.left_few")
	}
	return texts.T(ctx, "sale.left_none")
}

func (l Left) kind() components.Kind {
	switch l {
	case Plenty:
		return components.Good
	case Few:
		return components.Warn
	}
	return components.Neutral
}

// Month is a month of a route's days with their lowest totals.
type Month struct {
	From, To components.Place
	First    time.Time // its first day
	Days     []Day     // of the whole month, in order
}

// Day is a day of a Month. Without a URL nothing is sold on it.
type Day struct {
	Date   time.Time
	URL    string
	Price  int64
	Lowest bool
}

// blanks are the cells before the month's first day; weeks begin on Sunday.
func (m Month) blanks() int { return int(m.First.Weekday()) }

// weekdays are the days of a week, Sunday first.
func weekdays() []time.Weekday {
	days := make([]time.Weekday, 7)
	for i := range days {
		days[i] = time.Weekday(i)
	}
	return days
}

// Turn is how a place in line stands; it is the part of the waiting page that polls bring anew.
type Turn struct {
	Slug     string
	State    string // as in the mark data-queue-state
	Position int64  // 0: not known
	Ahead    int64  // those before it
	Served   int64  // how far the line is, of Joined
	Joined   int64
	// ETALow and ETAHigh are seconds; both 0 when no time can be promised.
	ETALow, ETAHigh int
	NextPoll        int // seconds
	OpensIn         int // seconds; 0 after the opening
	Opens           time.Time
	PerMinute       int64
	AllHeld         bool
	Missed          bool // the turn came while the visitor was away
	Moved           bool // the place is now at the end
	NoPlace         bool // this browser has no place in the line
	PauseReason     string
	PassFor         int // seconds for which the pass opens the flights
	Outlook         Outlook
	Say             string // to be read aloud once; empty: nothing
}

// Outlook is how likely it is that seats are left when the turn comes.
type Outlook string

// The outlooks.
const (
	OutlookNone Outlook = "" // not known
	OutlookGood Outlook = "good"
	OutlookFair Outlook = "fair"
	OutlookPoor Outlook = "poor"
)

func (o Outlook) words(ctx context.Context) string {
	switch o {
	case OutlookGood:
		return texts.T(ctx, "queue.outlook_good")
	case OutlookFair:
		return texts.T(ctx, "queue.outlook_fair")
	}
	return texts.T(ctx, "queue.outlook_poor")
}

func (o Outlook) kind() components.Kind {
	switch o {
	case OutlookGood:
		return components.Good
	case OutlookFair:
		return components.Warn
	}
	return components.Bad
}

// url is an address below the sale's.
func (t Turn) url(rest string) string { return "/sales/" + t.Slug + rest }

// polls tells whether the page goes on asking.
func (t Turn) polls() bool { return t.State != "admitted" && t.State != "closed" }

// marks are the attributes that tests and scripts read, and those that make htmx ask again.
func (t Turn) marks(ctx context.Context) templ.Attributes {
	a := templ.Attributes{
		"data-queue-state": t.State,
		"data-position":    blank(t.Position),
		"data-eta-low":     "", "data-eta-high": "",
		"data-next-poll": strconv.Itoa(t.NextPoll),
	}
	if t.ETAHigh > 0 {
		a["data-eta-low"], a["data-eta-high"] = strconv.Itoa(t.ETALow), strconv.Itoa(t.ETAHigh)
	}
	if t.polls() {
		a["hx-get"] = t.url("/queue/status")
		a["hx-trigger"] = "every " + strconv.Itoa(max(1, t.NextPoll)) + "s"
		a["hx-swap"] = "outerHTML"
	}
	switch t.State {
	case "admitted":
		a["data-turn-title"] = texts.T(ctx, "queue.title_admitted")
	case "next":
		a["data-turn-title"] = texts.T(ctx, "queue.title_next")
	}
	return a
}

func blank(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// wait is the time until the turn in words, such as 17–21 minutes; empty when none can be promised.
func (t Turn) wait(ctx context.Context) string {
	switch {
	case t.ETAHigh == 0:
		return ""
	case t.ETAHigh < 60:
		return texts.T(ctx, "queue.wait_moment")
	}
	low, high := t.ETALow/60, (t.ETAHigh+59)/60
	if low < 1 {
		return texts.T(ctx, "queue.wait_under", "count", high)
	}
	if low == high {
		return texts.T(ctx, "queue.wait_about", "count", high)
	}
	return texts.T(ctx, "queue.wait_range", "low", low, "count", high)
}

// Waiting is the waiting page.
type Waiting struct {
	Turn
	Name    string
	Routes  []Route
	Stopped bool // the visitor has switched the page's own refresh off
}

// Order is the page that explains the order of a line.
type Order struct {
	Slug, Name                            string
	Joined, Served, Waiting, Absent, Back int64
	Admitted, Claimed, Inside             int64
	Known                                 bool // false: the figures cannot be had now
}
