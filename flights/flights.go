// Package flights knows what flies: airports, the network and its times, cabins and their seats; and
// finds flights and free seats for customers.
//
// Airports, network and cabin layouts are data files embedded in the program (folder data). Departures,
// fares and seats of single days stand in the database.
package flights

import (
	"embed"
	"errors"

	// Time zones must resolve on machines that have no zone files of their own.
	_ "time/tzdata"
)

//go:embed data
var data embed.FS

// ErrNotFound says that there is no such flight, airport or layout.
var ErrNotFound = errors.New("flights: not found")

// Cabin is a class of travel.
type Cabin string

// The cabins, from the cheapest.
const (
	Economy  Cabin = "economy"
	Business Cabin = "business"
	First    Cabin = "first"
)

// Valid tells whether c is one of the cabins.
func (c Cabin) Valid() bool {
	return c == Economy || c == Business || c == First
}

// Name is a name in both languages of the shop.
type Name struct {
	Ko string `toml:"ko"`
	En string `toml:"en"`
}

// In returns the name in a language, "ko" or "en"; any other language gets the English name.
func (n Name) In(lang string) string {
	if lang == "ko" {
		return n.Ko
	}
	return n.En
}

func (n Name) complete() bool { return n.Ko != "" && n.En != "" }
