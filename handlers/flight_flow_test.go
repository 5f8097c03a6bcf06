package handlers

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/redis/rueidis"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/etickets"
	"pigonair/flights"
	"pigonair/internal/testenv"
	"pigonair/members"
	"pigonair/offers"
	"pigonair/sales"
	"pigonair/seed"
	"pigonair/ticketing"
)

// shop is a site of which log-in, search, flights, seat maps and holds work, over the small seed.
type shop struct {
	*memberSite
	places  seed.Places
	booking *booking.Service
	tickets *etickets.Maker
	signer  *ticketing.Signer
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{memberSite: &memberSite{t: t, pool: testenv.DB(t), browser: newBrowser(t)}}
	seeded, err := seed.Run(t.Context(), s.pool, seed.Options{Size: seed.Small, Number: 1, Today: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	s.places = seeded.Places
	option, err := rueidis.ParseURL(testenv.Redis(t))
	if err != nil {
		t.Fatal(err)
	}
	redis, err := rueidis.NewClient(option)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(redis.Close)
	ids := db.NewIDs(s.pool)
	s.members, err = members.New(members.Options{
		Pool: s.pool, IDs: ids, Redis: redis, Hasher: quickHasher{}, Demo: true,
		Keys: func(purpose string) [][]byte { return [][]byte{[]byte(strings.Repeat(purpose, 8))[:32]} },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.members.EnsureDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.serve(ids)
	return s
}

func (s *shop) serve(ids *db.IDs) {
	s.t.Helper()
	airports, err := flights.LoadAirports()
	if err != nil {
		s.t.Fatal(err)
	}
	layouts, err := flights.LoadLayouts()
	if err != nil {
		s.t.Fatal(err)
	}
	references, err := ticketing.NewReferences([]byte(strings.Repeat("r", 32)))
	if err != nil {
		s.t.Fatal(err)
	}
	prices := sales.NewPrices(s.pool, airports.DistanceKm, time.Now)
	service := booking.New(booking.Config{Pool: s.pool, IDs: ids, References: references, Shop: offers.New(layouts, prices, time.Now), Rules: booking.DefaultRules()})
	s.t.Cleanup(service.Stop)
	catalog := flights.NewCatalog(flights.Deps{DB: s.pool, Airports: airports, Layouts: layouts, Now: time.Now,
		Prices: func(ctx context.Context) (flights.Pricer, error) { return prices.Table(ctx) }})
	if s.signer, err = ticketing.NewSigner([]byte(strings.Repeat("t", 32))); err != nil {
		s.t.Fatal(err)
	}
	s.booking, s.tickets = service, &etickets.Maker{Airports: airports, Layouts: layouts, Prices: prices}
	sessions := scs.New()
	sessions.Cookie.Secure = false
	server := httptest.NewServer(New(Deps{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Sessions: sessions, Members: s.members,
		Airports: airports, Layouts: layouts, Flights: catalog, Prices: prices, Booking: service, Tickets: s.tickets, TicketKey: s.signer.PublicKey(),
		Observe: noObserver{}, Now: time.Now, Site: Settings{Demo: true}}))
	s.t.Cleanup(server.Close)
	s.url = server.URL
}

func (s *shop) logIn() {
	s.t.Helper()
	a := members.DemoCustomer()
	if got := s.post("/login", "email", a.Email, "password", a.Password); got.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("log-in: %d", got.StatusCode)
	}
}

// with sends a GET with further headers, in pairs.
func (s *shop) with(path string, headers ...string) reply {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := s.browser.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{res, string(body)}
}

func inDays(n int) string { return time.Now().In(korea).AddDate(0, 0, n).Format(time.DateOnly) }

var rowMarks = regexp.MustCompile(`data-flight="([^"]+)" data-price="(\d+)"`)

// found are the flights of a page of results with their prices.
func found(page string) (ids []string, prices []int) {
	for _, m := range rowMarks.FindAllStringSubmatch(page, -1) {
		price, _ := strconv.Atoi(m[2])
		ids, prices = append(ids, m[1]), append(prices, price)
	}
	return ids, prices
}

func TestSearchPages(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.want(s.get("/"), http.StatusOK, "", `data-action="search"`, `<option value="김포 GMP">`, "김포")
	route := "/flights?from=GMP&to=CJU&depart=" + inDays(3)

	ids, _ := found(s.get(route + "&size=10").body)
	if len(ids) != 10 {
		t.Fatalf("%d flights on the first page", len(ids))
	}
	all, _ := found(s.get(route).body)
	if len(all) <= 10 {
		t.Fatalf("only %d flights in all", len(all))
	}
	first := s.get(route + "&size=10").body
	next := regexp.MustCompile(`rel="next" href="([^"#]+)`).FindStringSubmatch(first)
	if next == nil {
		t.Fatal("no next page")
	}
	rest, _ := found(s.get(strings.ReplaceAll(next[1], "&amp;", "&")).body)
	if got := append(slices.Clone(ids), rest...); !slices.Equal(got, all) {
		t.Errorf("pages show %q, the whole list %q", got, all)
	}

	_, prices := found(s.get(route + "&sort=price&dir=desc").body)
	if !slices.IsSortedFunc(prices, func(a, b int) int { return b - a }) {
		t.Errorf("dearest first: %d", prices)
	}
	for _, typed := range []string{"from=김포&to=제주", "from=Gimpo&to=Jeju", "from=김포 GMP&to=cju"} {
		ends, _ := url.ParseQuery(typed)
		if got, _ := found(s.get("/flights?" + ends.Encode() + "&depart=" + inDays(3)).body); len(got) != len(all) {
			t.Errorf("%s finds %d flights, want %d", typed, len(got), len(all))
		}
	}
}

func TestSearchRefusesWithTheSameForm(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	r := s.get("/flights?from=Atlantis&to=CJU&depart=2020-01-01&adults=2")
	s.want(r, http.StatusUnprocessableEntity, "", `value="Atlantis"`, `value="2020-01-01"`, `href="#from"`, `href="#depart"`, `data-error="search"`, "오류: ")
	r = s.get("/flights?from=GMP&to=CJU&depart=" + inDays(3) + "&after=nonsense")
	s.want(r, http.StatusUnprocessableEntity, "", `data-action="search"`)
}

func TestNothingFoundLeadsToTheNearestDays(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	r := s.get("/flights?from=GMP&to=CJU&depart=" + inDays(8)) // the small seed ends before
	s.want(r, http.StatusOK, "", `class="deal"`, "depart="+inDays(6))
	r = s.get("/flights?from=CJU&to=JFK&depart=" + inDays(3))
	s.want(r, http.StatusOK, "", "찾으시는 항공편이 없습니다")
}

func TestFlightPage(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.want(s.get("/flights/"+s.places.Flight+"?adults=2"), http.StatusOK, "", s.places.Flight+":auto", `data-action="hold"`, `name="total"`,
		"/flights/"+s.places.Flight+"/seats?adults=2&amp;fare=")
	r := s.get("/flights/" + s.places.SaleFlight)
	s.want(r, http.StatusOK, "", `href="/sales/`+s.places.Sale+`"`)
	if strings.Contains(r.body, `action="/holds"`) {
		t.Error("a flight of a sale can be held without its line")
	}
	for _, id := range []string{"ZP9999-20261224", "ZP101-20200101", "nonsense", s.places.Flight + "?back=" + s.places.Flight} {
		s.want(s.get("/flights/"+id), http.StatusNotFound, "")
	}
}

var seatMark = regexp.MustCompile(`data-seat="([^"]+)" data-state="([a-z]+)"`)

// states are the seats of a map; each must be marked once.
func (s *shop) states(page string) map[string]string {
	s.t.Helper()
	out := map[string]string{}
	for _, m := range seatMark.FindAllStringSubmatch(page, -1) {
		if _, twice := out[m[1]]; twice {
			s.t.Errorf("%s is marked twice", m[1])
		}
		out[m[1]] = m[2]
	}
	return out
}

func TestSeatMapShowsAllSeatsAndSendsOnlyChanges(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	path := "/flights/" + s.places.Flight + "/seats"
	page := s.get(path)
	s.want(page, http.StatusOK, "")
	if n := len(s.states(page.body)); n != 189 {
		t.Errorf("%d seats are marked", n)
	}
	if got := page.Header.Get("Cache-Control"); got != "private, no-cache" {
		t.Errorf("Cache-Control: %s", got)
	}
	poll := []string{"HX-Request", "true", "HX-Request-Type", "partial"}
	part := s.with(path, poll...)
	if strings.Contains(part.body, "<html") || len(s.states(part.body)) != 189 {
		t.Error("a poll does not get the map alone")
	}
	if part.Header.Get("ETag") == page.Header.Get("ETag") {
		t.Error("page and part go by one name")
	}
	if !strings.Contains(page.body, `data-etag="`+strings.ReplaceAll(part.Header.Get("ETag"), `"`, "&#34;")) {
		t.Error("the page does not know the name of its map, so that its first poll is sent in vain")
	}
	for _, known := range [][]string{append([]string{"If-None-Match", part.Header.Get("ETag")}, poll...), {"If-None-Match", page.Header.Get("ETag")}} {
		if got := s.with(path, known...); got.StatusCode != http.StatusNotModified || got.body != "" {
			t.Errorf("%q: %d, %d bytes", known, got.StatusCode, len(got.body))
		}
	}
	if got := s.with(path+"?lang=en", "If-None-Match", page.Header.Get("ETag")); got.StatusCode != http.StatusOK {
		t.Errorf("in another language: %d", got.StatusCode)
	}
	s.want(s.get("/flights/"+s.places.SaleFlight+"/seats"), http.StatusSeeOther, "/sales/"+s.places.Sale)
}

func TestTickedSeatsAreHeldAndShownAsYours(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logIn()
	path := "/flights/" + s.places.Flight + "/seats"
	before := s.get(path)
	key := regexp.MustCompile(`name="key" value="([^"]+)"`)
	form := url.Values{"seat": {s.places.Flight + ":9A", s.places.Flight + ":9B"}, "key": {key.FindStringSubmatch(before.body)[1]}}
	held := s.do(http.MethodPost, "/holds", form)
	if held.StatusCode != http.StatusSeeOther || !strings.HasPrefix(held.Header.Get("Location"), "/bookings/") {
		t.Fatalf("hold: %d to %q", held.StatusCode, held.Header.Get("Location"))
	}
	// The map may be half a second old; what is the visitor's own shows at once.
	after := s.with(path, "If-None-Match", before.Header.Get("ETag"))
	s.want(after, http.StatusOK, "", held.Header.Get("Location"))
	if states := s.states(after.body); states["9A"] != "yours" || states["9B"] != "yours" || states["9C"] != "available" {
		t.Errorf("9A %s, 9B %s, 9C %s", states["9A"], states["9B"], states["9C"])
	}
	if !strings.Contains(after.body, ` value="`+s.places.Flight+`:9A" disabled`) {
		t.Error("a held seat can be ticked")
	}
	s.browser = newBrowser(t)
	for states := s.states(s.get(path).body); states["9A"] != "held"; states = s.states(s.get(path).body) {
		if states["9A"] != "available" { // until the cached map is read again
			t.Fatalf("to others 9A is %s", states["9A"])
		}
	}
}

func TestRoundTripIsChosenInSteps(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.logIn()
	search := "/flights?from=GMP&to=CJU&depart=" + inDays(3) + "&return=" + inDays(5) + "&adults=2"
	outs, _ := found(s.get(search).body)
	list := s.get(search + "&out=" + outs[0])
	backs, _ := found(list.body)
	trip := "/flights/" + outs[0] + "?back=" + backs[0] + "&adults=2"
	if !strings.Contains(list.body, "/flights/"+outs[0]+"?adults=2&amp;back="+backs[0]) {
		t.Errorf("the list does not lead to %s", trip)
	}
	s.want(s.get(trip), http.StatusOK, "", outs[0]+":auto", backs[0]+":auto", outs[0]+":standard", backs[0]+":standard")

	second := "/flights/" + backs[0] + "/seats?adults=2&fare=" + outs[0] + ":standard&fare=" + backs[0] + ":standard&seat=" + outs[0] + ":9A"
	r := s.get(second)
	if r.StatusCode != http.StatusSeeOther || !strings.HasPrefix(r.Header.Get("Location"), "/flights/"+outs[0]+"/seats?") {
		t.Fatalf("one seat for two: %d to %s", r.StatusCode, r.Header.Get("Location"))
	}
	s.want(s.get(r.Header.Get("Location")), http.StatusOK, "", "2석을 골라야", ` value="`+outs[0]+`:9A" checked`)
	s.want(s.get(second+"&seat="+outs[0]+":9B"), http.StatusOK, "", `<input type="hidden" name="seat" value="`+outs[0]+`:9B"`, `data-before="`)
}
