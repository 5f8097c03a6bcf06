package flights_test

import (
	"errors"
	"strings"
	"testing"

	"pigonair/flights"
)

func airports(t *testing.T) *flights.Airports {
	t.Helper()
	a, err := flights.LoadAirports()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAirportsHoldEveryKoreanOneAndTheWorldsLargest(t *testing.T) {
	a := airports(t)
	want := "ICN GMP CJU PUS TAE CJJ KWJ RSU USN YNY KPO HIN WJU MWX KUV " +
		"JFK LAX ORD ATL DXB LHR CDG AMS SIN PEK SYD FRA DEN SFO HND"
	for _, code := range strings.Fields(want) {
		if _, err := a.Find(code); err != nil {
			t.Errorf("Find(%s): %v", code, err)
		}
	}
	if _, err := a.Find("XXX"); !errors.Is(err, flights.ErrNotFound) {
		t.Errorf("Find(XXX) = %v, want ErrNotFound", err)
	}
}

// Published great-circle distances; the tolerance covers reference points and the sphere.
func TestDistance(t *testing.T) {
	a := airports(t)
	for _, c := range []struct {
		from, to string
		km       int
	}{
		{"GMP", "CJU", 451}, {"ICN", "NRT", 1259}, {"ICN", "SIN", 4627}, {"ICN", "SYD", 8329},
		{"ICN", "LHR", 8874}, {"ICN", "JFK", 11114}, {"ICN", "LAX", 9651}, {"JFK", "LHR", 5540},
		{"ICN", "DEN", 9960}, {"ICN", "DXB", 6753}, {"ICN", "ATL", 11509},
	} {
		got, err := a.DistanceKm(c.from, c.to)
		if err != nil {
			t.Fatal(err)
		}
		if diff := got - c.km; max(diff, -diff)*200 > c.km {
			t.Errorf("%s to %s is %d km, want %d within 0.5 %%", c.from, c.to, got, c.km)
		}
	}
	if same, _ := a.DistanceKm("GMP", "GMP"); same != 0 {
		t.Errorf("GMP to GMP is %d km", same)
	}
	if _, err := a.DistanceKm("GMP", "XXX"); !errors.Is(err, flights.ErrNotFound) {
		t.Errorf("unknown airport: %v, want ErrNotFound", err)
	}
}

func TestSuggest(t *testing.T) {
	a := airports(t)
	for typed, want := range map[string]string{
		"cju":       "CJU",
		"제":         "CJU",
		"김포":        "GMP",
		"gim":       "GMP GIMHAE",
		"ㄱㅍ":        "GMP",
		"서울":        "ICN GMP",
		"seoul":     "ICN GMP",
		"new y":     "JFK",
		"o'hare":    "ORD",
		"도쿄":        "HND NRT",
		"하네다":       "HND",
		" ":         "",
		"zzz":       "",
		"%_":        "",
		"부산":        "PUS",
		"san fran":  "SFO",
		"heathrow":  "LHR",
		"인천국제공항":    "ICN",
		"샤를":        "CDG",
		"changi":    "SIN",
		"방콕":        "BKK",
		"da nang":   "DAD",
		"gimpo gmp": "",
	} {
		var got []string
		for _, found := range a.Suggest(typed, 5) {
			got = append(got, found.Code)
		}
		wanted := strings.ReplaceAll(want, "GIMHAE", "PUS")
		if strings.Join(got, " ") != wanted {
			t.Errorf("Suggest(%q) = %v, want %q", typed, got, wanted)
		}
	}
	if got := a.Suggest("국제공항", 3); len(got) != 3 {
		t.Errorf("limit 3 gave %d", len(got))
	}
}

func TestResolve(t *testing.T) {
	a := airports(t)
	for typed, want := range map[string]string{
		"GMP": "GMP", "gmp": "GMP", "김포 GMP": "GMP", "Gimpo (GMP)": "GMP", "제주": "CJU", "뉴욕": "JFK",
	} {
		if got, err := a.Resolve(typed); err != nil || got.Code != want {
			t.Errorf("Resolve(%q) = %s, %v, want %s", typed, got.Code, err, want)
		}
	}
	for _, typed := range []string{"", "서울", "nowhere"} {
		if _, err := a.Resolve(typed); !errors.Is(err, flights.ErrNotFound) {
			t.Errorf("Resolve(%q): %v, want ErrNotFound", typed, err)
		}
	}
}

func TestParseAirportsNamesEveryFault(t *testing.T) {
	const good = "name={ko='가',en='A'}\ncity={ko='가',en='A'}\nshort={ko='가',en='A'}\ncountry='KR'\nzone='Asia/Seoul'\nlat=1.0\nlon=1.0\n"
	entry := func(s string) string { return "[[airport]]\n" + s }
	for name, c := range map[string]struct{ text, fault string }{
		"code":        {entry("code='abc'\n" + good), "three capital letters"},
		"twice":       {entry("code='AAA'\n"+good) + entry("code='AAA'\n"+good), "twice"},
		"zone":        {entry("code='AAA'\n" + strings.Replace(good, "Asia/Seoul", "Asia/Nowhere", 1)), "unknown time zone"},
		"name":        {entry("code='AAA'\n" + strings.Replace(good, "en='A'", "", 1)), "Korean and English"},
		"country":     {entry("code='AAA'\n" + strings.Replace(good, "KR", "KOR", 1)), "two capital letters"},
		"position":    {entry("code='AAA'\n" + strings.Replace(good, "lat=1.0", "lat=91.0", 1)), "no such position"},
		"unknown key": {entry("code='AAA'\ncolour='red'\n" + good), "unknown key"},
	} {
		if _, err := flights.ParseAirports(c.text); err == nil || !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s: %v, want a fault with %q", name, err, c.fault)
		}
	}
}
