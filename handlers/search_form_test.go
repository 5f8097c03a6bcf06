package handlers

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"pigonair/flights"
	"pigonair/sales"
	"pigonair/views/texts"
)

// searchNoon is noon of 1 December 2026 in Korea, still 30 November in New York.
var searchNoon = time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)

// formSite knows the airports and the time, which is all that reading a form needs.
func formSite(t *testing.T) *site {
	t.Helper()
	airports, err := flights.LoadAirports()
	if err != nil {
		t.Fatal(err)
	}
	return &site{Deps: Deps{Airports: airports, Now: func() time.Time { return searchNoon }}}
}

func query(t *testing.T, text string) url.Values {
	t.Helper()
	v, err := url.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSearchFaultsStandAtTheirFields(t *testing.T) {
	t.Parallel()
	s := formSite(t)
	for form, want := range map[string][]string{
		"from=GMP&to=CJU&depart=2026-12-24":                                          nil,
		"from=김포&to=Jeju&depart=2026-12-01":                                          nil,
		"from=JFK&to=ICN&depart=2026-11-30":                                          nil, // today in New York
		"from=ICN&to=JFK&depart=2026-11-30":                                          {"depart"},
		"from=서울&to=CJU&depart=2026-12-24":                                           {"from"},
		"from=Atlantis&to=&depart=2026-12-24":                                        {"from", "to"},
		"from=GMP&to=김포&depart=2026-12-24":                                           {"to"},
		"from=GMP&to=CJU":                                                            {"depart"},
		"from=GMP&to=CJU&depart=24.12.2026":                                          {"depart"},
		"from=GMP&to=CJU&depart=2028-12-24":                                          {"depart"},
		"from=GMP&to=CJU&depart=2026-12-24&until=2026-12-23":                         {"until"},
		"from=GMP&to=CJU&depart=2026-12-24&until=2027-02-23":                         {"until"},
		"from=GMP&to=CJU&depart=2026-12-24&return=2026-12-23":                        {"return"},
		"from=GMP&to=CJU&depart=2026-12-24&until=2026-12-26&return=2026-12-25":       {"return"},
		"from=GMP&to=CJU&depart=2026-12-24&return=2026-12-24":                        nil,
		"from=GMP&to=CJU&depart=2026-12-24&adults=0&children=1":                      {"adults"},
		"from=GMP&to=CJU&depart=2026-12-24&adults=5&children=5":                      {"adults"},
		"from=GMP&to=CJU&depart=2026-12-24&adults=1&infants=2":                       {"infants"},
		"from=GMP&to=CJU&depart=2026-12-24&adults=two&infants=-1":                    {"adults", "infants"},
		"from=GMP&to=CJU&depart=2026-12-24&cabin=cargo":                              {"cabin"},
		"from=GMP&to=CJU&depart=2026-12-24&sort=colour":                              {"from"},
		"from=GMP&to=CJU&depart=2026-12-24&size=7":                                   {"from"},
		"from=GMP&to=CJU&depart=2026-12-24&dir=up":                                   {"from"},
		"from=&to=&depart=&until=&return=&adults=1&children=0&infants=0&cabin=first": {"from", "to", "depart"},
	} {
		_, faults := s.readSearch(t.Context(), query(t, form))
		var got []string
		for _, f := range faults {
			got = append(got, f.ID)
			if f.Message == "" {
				t.Errorf("%s: no sentence at %s", form, f.ID)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: faults at %q, want %q", form, got, want)
		}
	}
}

func TestAmbiguousCityIsAnsweredWithItsAirports(t *testing.T) {
	t.Parallel()
	_, faults := formSite(t).readSearch(t.Context(), query(t, "from=서울&to=CJU&depart=2026-12-24"))
	if want := "‘서울’에는 공항이 여럿입니다. 하나를 골라 주세요: 인천 ICN, 김포 GMP"; len(faults) != 1 || faults[0].Message != want {
		t.Errorf("faults %+v, want %q", faults, want)
	}
}

// One search has one address, and reading that address gives the same search.
func TestSearchHasOneAddress(t *testing.T) {
	t.Parallel()
	s := formSite(t)
	for form, want := range map[string]string{
		"to=제주 CJU&from=김포 GMP&depart=2026-12-24&return=&until=&adults=1&children=0&infants=0&cabin=economy&sort=time&dir=asc&size=20&lang=en": "/flights?depart=2026-12-24&from=GMP&to=CJU",
		"from=gmp&to=cju&depart=2026-12-24&adults=2&infants=1&sort=price&dir=desc&size=50":                                                     "/flights?adults=2&depart=2026-12-24&dir=desc&from=GMP&infants=1&size=50&sort=price&to=CJU",
		"from=GMP&to=CJU&depart=2026-12-24&until=2026-12-24&return=2026-12-26":                                                                 "/flights?depart=2026-12-24&from=GMP&return=2026-12-26&to=CJU",
	} {
		w, faults := s.readSearch(t.Context(), query(t, form))
		if len(faults) > 0 || w.path() != want {
			t.Errorf("%s: %s %v, want %s", form, w.path(), faults, want)
		}
		u, err := url.Parse(w.path())
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := s.readSearch(t.Context(), u.Query()); again.path() != want {
			t.Errorf("%s reads as %s", want, again.path())
		}
	}
}

func TestAnotherDayTakesTheReturnAlong(t *testing.T) {
	t.Parallel()
	w, _ := formSite(t).readSearch(t.Context(), query(t, "from=GMP&to=CJU&depart=2026-12-24&return=2026-12-26&after=0.1.2.3&out=ZP101-20261224"))
	moved := w.on(flights.NewDate(2026, 12, 28))
	if got, want := moved.path(), "/flights?depart=2026-12-28&from=GMP&return=2026-12-28&to=CJU"; got != want {
		t.Errorf("moved to %s, want %s", got, want)
	}
	if q := w.query(); q.From != "CJU" || q.To != "GMP" || q.Depart != flights.NewDate(2026, 12, 26) {
		t.Errorf("with the flight out chosen the way back is searched, not %+v", q)
	}
}

func TestPartyOfAnAddress(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]struct {
		party sales.Party
		given bool
	}{
		"":                              {adult, false},
		"adults=1":                      {adult, true},
		"adults=2&children=1&infants=2": {sales.Party{Adults: 2, Children: 1, Infants: 2}, true},
		"adults=1&infants=2":            {adult, false},
		"adults=10":                     {adult, false},
		"adults=x":                      {adult, false},
		"children=2":                    {adult, false},
	} {
		party, given := readParty(query(t, form))
		if party != want.party || given != want.given {
			t.Errorf("%q is %+v %t, want %+v", form, party, given, want)
		}
	}
}

func TestFinderOffersEveryAirportInBothLanguages(t *testing.T) {
	t.Parallel()
	s := formSite(t)
	for lang, want := range map[string]string{texts.Korean: "김포 GMP", texts.English: "Gimpo GMP"} {
		f := s.finder(texts.WithLang(t.Context(), lang))
		if len(f.Airports) != len(s.Airports.All()) || f.Depart != "2026-12-02" || f.Today != "2026-12-01" {
			t.Errorf("%s: %d airports, %s, %s", lang, len(f.Airports), f.Depart, f.Today)
		}
		found := false
		for _, a := range f.Airports {
			found = found || a.Value == want
			if got, err := s.Airports.Resolve(a.Value); err != nil || airportName(texts.WithLang(t.Context(), lang), got) != a.Value {
				t.Errorf("the suggestion %q means %v %v", a.Value, got.Code, err)
			}
		}
		if !found {
			t.Errorf("%s: %q is not offered", lang, want)
		}
	}
}
