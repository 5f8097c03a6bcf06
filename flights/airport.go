package flights

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"time"
)

// Airport is a place to fly from and to.
type Airport struct {
	Code      string // IATA code, three capital letters
	Name      Name   // the airport's own name
	City      Name   // the city it serves
	Short     Name   // how pages name it next to its code
	Country   string // ISO 3166-1 alpha-2
	Zone      *time.Location
	Latitude  float64 // degrees, north positive
	Longitude float64 // degrees, east positive
}

// Airports is the list of known airports, in the order of the data file. It never changes.
type Airports struct {
	list   []Airport
	byCode map[string]int
	keys   [][]searchKey
}

// LoadAirports reads the airports that come with the program.
func LoadAirports() (*Airports, error) {
	text, err := fs.ReadFile(data, "data/airports.toml")
	if err != nil {
		return nil, fmt.Errorf("flights: reading airports: %w", err)
	}
	return ParseAirports(string(text))
}

// ParseAirports reads airports from TOML. The error names every airport that is not complete.
func ParseAirports(text string) (*Airports, error) {
	var file struct {
		Airport []airportEntry `toml:"airport"`
	}
	if err := decodeStrict(text, &file); err != nil {
		return nil, fmt.Errorf("flights: airports: %w", err)
	}
	a := &Airports{byCode: map[string]int{}}
	var faults []error
	for _, e := range file.Airport {
		if err := a.add(e); err != nil {
			faults = append(faults, err)
		}
	}
	return a, errors.Join(faults...)
}

type airportEntry struct {
	Code    string  `toml:"code"`
	Name    Name    `toml:"name"`
	City    Name    `toml:"city"`
	Short   Name    `toml:"short"`
	Country string  `toml:"country"`
	Zone    string  `toml:"zone"`
	Lat     float64 `toml:"lat"`
	Lon     float64 `toml:"lon"`
}

var (
	airportCode = regexp.MustCompile(`^[A-Z]{3}$`)
	countryCode = regexp.MustCompile(`^[A-Z]{2}$`)
)

func (a *Airports) add(e airportEntry) error {
	zone, err := time.LoadLocation(e.Zone)
	switch {
	case !airportCode.MatchString(e.Code):
		return fmt.Errorf("flights: airport code %q: want three capital letters", e.Code)
	case a.has(e.Code):
		return fmt.Errorf("flights: airport %s stands twice in the list", e.Code)
	case !e.Name.complete() || !e.City.complete() || !e.Short.complete():
		return fmt.Errorf("flights: airport %s: name, city and short are needed in Korean and English", e.Code)
	case !countryCode.MatchString(e.Country):
		return fmt.Errorf("flights: airport %s: country %q: want two capital letters", e.Code, e.Country)
	case err != nil || e.Zone == "":
		return fmt.Errorf("flights: airport %s: unknown time zone %q", e.Code, e.Zone)
	case e.Lat < -90 || e.Lat > 90 || e.Lon < -180 || e.Lon > 180 || (e.Lat == 0 && e.Lon == 0):
		return fmt.Errorf("flights: airport %s: no such position %v, %v", e.Code, e.Lat, e.Lon)
	}
	airport := Airport{Code: e.Code, Name: e.Name, City: e.City, Short: e.Short, Country: e.Country,
		Zone: zone, Latitude: e.Lat, Longitude: e.Lon}
	a.byCode[e.Code] = len(a.list)
	a.list = append(a.list, airport)
	a.keys = append(a.keys, searchKeys(airport))
	return nil
}

func (a *Airports) has(code string) bool {
	_, ok := a.byCode[code]
	return ok
}

// All returns every airport in the order of the data file.
func (a *Airports) All() []Airport {
	return append([]Airport(nil), a.list...)
}

// Find returns the airport with a code, or ErrNotFound.
func (a *Airports) Find(code string) (Airport, error) {
	i, ok := a.byCode[code]
	if !ok {
		return Airport{}, fmt.Errorf("airport %q: %w", code, ErrNotFound)
	}
	return a.list[i], nil
}

// DistanceKm is the great-circle distance between two airports in whole kilometres, rounded; ErrNotFound
// when one of them is unknown.
func (a *Airports) DistanceKm(from, to string) (int, error) {
	f, err := a.Find(from)
	if err != nil {
		return 0, err
	}
	t, err := a.Find(to)
	if err != nil {
		return 0, err
	}
	return greatCircleKm(f, t), nil
}
