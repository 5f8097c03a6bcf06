package booking

import (
	"fmt"
	"strings"
	"testing"
)

// cabinOf makes seats of numbers, in their order: six abreast, windows at A and F, aisles at C and D. A plus marks an
// add-on, an exclamation mark an exit row.
func cabinOf(numbers string) []Seat {
	var seats []Seat
	for _, no := range strings.Fields(numbers) {
		seat := Seat{Cabin: "economy"}
		if strings.HasSuffix(no, "+") {
			seat.AddOn = 5000
		}
		seat.Exit = strings.HasSuffix(no, "!")
		seat.No = strings.TrimRight(no, "+!")
		fmt.Sscanf(seat.No, "%d%s", &seat.Row, &seat.Letter)
		seat.Window = strings.Contains("AF", seat.Letter)
		seat.Aisle = strings.Contains("CD", seat.Letter)
		seats = append(seats, seat)
	}
	return seats
}

func TestPickSeats(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		free   string
		n      int
		wishes Wishes
		want   string
	}{
		"too few":                        {"1A 1B", 3, Wishes{}, ""},
		"the front":                      {"1A 1B 2A 2B", 2, Wishes{}, "1A 1B"},
		"side by side":                   {"1A 1C 2B 2C", 2, Wishes{}, "2B 2C"},
		"not across the aisle":           {"1C 1D 2A 2B", 2, Wishes{}, "2A 2B"},
		"across the aisle before rows":   {"1A 2C 2D 3F", 2, Wishes{}, "2C 2D"},
		"neighbouring rows before far":   {"1A 5A 6A 9A", 2, Wishes{}, "5A 6A"},
		"no add-on":                      {"1A+ 1B+ 2A 5F", 2, Wishes{}, "2A 5F"},
		"no exit row":                    {"1A! 1B! 2A 2C", 2, Wishes{}, "2A 2C"},
		"an exit row before an add-on":   {"1A+ 1B+ 2A! 2C!", 2, Wishes{}, "2A 2C"},
		"a window":                       {"1B 1C 2F", 1, Wishes{Window: true}, "2F"},
		"an aisle":                       {"1A 1B 2D", 1, Wishes{Aisle: true}, "2D"},
		"either":                         {"1B 1C 2F", 1, Wishes{Window: true, Aisle: true}, "1C"},
		"windows apart":                  {"1A 1B 1C 1F", 2, Wishes{Window: true}, "1A 1F"},
		"together first, then a window":  {"1B 1C 2E 2F 4A 5F", 2, Wishes{Together: true, Window: true}, "2E 2F"},
		"a window is worth three rows":   {"1B 4F", 1, Wishes{Window: true, Front: true}, "4F"},
		"but not ten":                    {"1B 11F", 1, Wishes{Window: true, Front: true}, "1B"},
		"front never costs":              {"1A+ 20A", 1, Wishes{Front: true}, "20A"},
		"nobody pays for a wish":         {"1A+ 2B", 1, Wishes{Window: true}, "2B"},
		"what is left, with its add-ons": {"1A+ 1B", 2, Wishes{}, "1A 1B"},
	} {
		if got := strings.Join(pickSeats(cabinOf(c.free), c.n, c.wishes), " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ like, free, want string }{
		"the neighbour":             {"5B", "1B 5A 5C 9B", "5A"},
		"the same kind one row off": {"5A", "5B 6A 9A", "6A"},
		"no dearer one":             {"5A", "5B+ 9A", "9A"},
		"no cheaper one":            {"5A+", "5B 9A+", "9A"},
		"no exit row":               {"5A", "6A! 9A", "9A"},
		"an exit row for another":   {"5A!", "5B 9A!", "9A"},
		"nothing like it":           {"5A", "5B+", ""},
	} {
		near, found := nearest(cabinOf(c.free), cabinOf(c.like)[0])
		if near.No != c.want || found != (c.want != "") {
			t.Errorf("%s: %q, want %q", name, near.No, c.want)
		}
	}
}

func TestWishesNeverLeaveTheCabin(t *testing.T) {
	t.Parallel()
	business := cabinOf("1A")[0]
	business.Cabin = "business"
	if _, found := nearest([]Seat{business}, cabinOf("1B")[0]); found {
		t.Error("a seat of another cabin is no replacement")
	}
}
