package flights

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var carrierCode = regexp.MustCompile(`^([A-Z][A-Z0-9]|[0-9][A-Z])$`)

// LoadNetwork reads the network that comes with the program and flies it under a carrier's code, two
// characters such as ZP.
func LoadNetwork(carrier string, airports *Airports, layouts *Layouts) (*Network, error) {
	text, err := fs.ReadFile(data, "data/network.toml")
	if err != nil {
		return nil, fmt.Errorf("flights: reading network: %w", err)
	}
	return ParseNetwork(string(text), carrier, airports, layouts)
}

// ParseNetwork reads a network in the form that data/network.toml describes. The error names every line
// that cannot be used.
func ParseNetwork(text, carrier string, airports *Airports, layouts *Layouts) (*Network, error) {
	if !carrierCode.MatchString(carrier) {
		return nil, fmt.Errorf("flights: carrier %q: want two characters such as ZP", carrier)
	}
	var file struct {
		Route []routeEntry `toml:"route"`
	}
	if err := decodeStrict(text, &file); err != nil {
		return nil, fmt.Errorf("flights: network: %w", err)
	}
	n := &Network{carrier: carrier}
	var faults []error
	for _, r := range file.Route {
		services, err := r.services(airports, layouts)
		if err != nil {
			faults = append(faults, fmt.Errorf("flights: network, %s to %s: %w", r.From, r.To, err))
		}
		n.services = append(n.services, services...)
	}
	faults = append(faults, n.conflicts()...)
	return n, errors.Join(faults...)
}

type routeEntry struct {
	From    string   `toml:"from"`
	To      string   `toml:"to"`
	Block   string   `toml:"block"`
	Layout  string   `toml:"layout"`
	Flights []string `toml:"flights"`
}

func (r routeEntry) services(airports *Airports, layouts *Layouts) ([]service, error) {
	common, err := r.common(airports)
	if err != nil {
		return nil, err
	}
	var out []service
	var faults []error
	for _, line := range r.Flights {
		s, err := parseService(line, common)
		if err == nil {
			_, err = layouts.Find(s.layout)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("flight %q: %w", line, err))
			continue
		}
		out = append(out, s)
	}
	return out, errors.Join(faults...)
}

func (r routeEntry) common(airports *Airports) (service, error) {
	from, err := airports.Find(r.From)
	if err != nil {
		return service{}, err
	}
	to, err := airports.Find(r.To)
	if err != nil {
		return service{}, err
	}
	block, err := time.ParseDuration(r.Block)
	if err != nil || block < 10*time.Minute || block > 20*time.Hour {
		return service{}, fmt.Errorf("block %q: want a time between 10m and 20h, such as 1h10m", r.Block)
	}
	return service{from: from, to: to, block: block, layout: r.Layout, days: everyDay}, nil
}

// parseService reads "101 06:15 daily layout=a321 season=winter".
func parseService(line string, s service) (service, error) {
	fields := strings.Fields(line)
	if len(fields) < 3 {
		return s, errors.New("want number, time and days")
	}
	var err error
	if s.number, err = strconv.Atoi(fields[0]); err != nil || s.number < 1 || s.number > 9999 {
		return s, fmt.Errorf("number %q: want 1 to 9999", fields[0])
	}
	if s.departs, err = ParseClock(fields[1]); err != nil {
		return s, err
	}
	if s.days, err = parseDays(fields[2]); err != nil {
		return s, err
	}
	for _, option := range fields[3:] {
		if err := s.set(option); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (s *service) set(option string) (err error) {
	key, value, _ := strings.Cut(option, "=")
	switch key {
	case "layout":
		s.layout = value
	case "season":
		s.season = Season(value)
		if s.season != Summer && s.season != Winter {
			return fmt.Errorf("season %q: want summer or winter", value)
		}
	case "from":
		s.first, err = ParseDate(value)
	case "until":
		s.last, err = ParseDate(value)
	default:
		return fmt.Errorf("unknown option %q", option)
	}
	return err
}

// parseDays reads "daily" or digits from 1, Monday, to 7, Sunday.
func parseDays(s string) (daySet, error) {
	if s == "daily" {
		return everyDay, nil
	}
	var days daySet
	for _, c := range s {
		if c < '1' || c > '7' {
			return 0, fmt.Errorf("days %q: want daily, or digits from 1 (Monday) to 7 (Sunday)", s)
		}
		day := daySet(1) << (int(c-'0') % 7)
		if days&day != 0 {
			return 0, fmt.Errorf("days %q: %c stands there twice", s, c)
		}
		days |= day
	}
	return days, nil
}

// conflicts finds flight numbers that would operate twice on one day.
func (n *Network) conflicts() []error {
	var faults []error
	byNumber := map[int][]service{}
	for _, s := range n.services {
		for _, other := range byNumber[s.number] {
			if s.days&other.days != 0 && seasonsMeet(s.season, other.season) && datesMeet(s, other) {
				faults = append(faults, fmt.Errorf("flights: network: flight %d stands twice on one day", s.number))
			}
		}
		byNumber[s.number] = append(byNumber[s.number], s)
	}
	return faults
}

func seasonsMeet(a, b Season) bool { return a == AllYear || b == AllYear || a == b }

func datesMeet(a, b service) bool {
	return (a.last.IsZero() || b.first.IsZero() || !a.last.Before(b.first)) &&
		(b.last.IsZero() || a.first.IsZero() || !b.last.Before(a.first))
}

func flightNo(carrier string, number int) string { return carrier + strconv.Itoa(number) }
