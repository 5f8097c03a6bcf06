package handlers

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/redis/rueidis"

	"pigonair/db"
	"pigonair/flights"
	"pigonair/internal/testenv"
	"pigonair/members"
	"pigonair/sales"
	"pigonair/waitingroom"
)

// queueSite is a site of which the members', sales' and operators' routes work, with an open sale of cap 0.
type queueSite struct {
	*memberSite
	rooms *waitingroom.Rooms
}

func newQueueSite(t *testing.T) *queueSite {
	t.Helper()
	q := &queueSite{memberSite: &memberSite{t: t, pool: testenv.DB(t), browser: newBrowser(t)}}
	option, err := rueidis.ParseURL(testenv.Redis(t))
	if err != nil {
		t.Fatal(err)
	}
	redis, err := rueidis.NewClient(option)
	if err != nil {
		t.Fatal(err)
	}
	ids := db.NewIDs(q.pool)
	q.members, err = members.New(members.Options{
		Pool: q.pool, IDs: ids, Redis: redis, Hasher: quickHasher{}, Demo: true,
		Keys: func(purpose string) [][]byte { return [][]byte{[]byte(strings.Repeat(purpose, 8))[:32]} },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := q.members.EnsureDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	q.sell()
	q.openRooms(redis)
	t.Cleanup(redis.Close)
	t.Cleanup(q.rooms.Stop)
	q.serve(ids)
	return q
}

// sell makes an open sale that nobody gets into, a draft, and one flight with seats.
func (q *queueSite) sell() {
	q.t.Helper()
	for _, statement := range []string{
		`INSERT INTO sale (id, slug, name_ko, name_en, state, joins_at, opens_at, closes_at, rate_per_minute, burst, cap) VALUES
(7, 'jeju', '제주 특가', 'Jeju fares', 'open', NOW(6) - INTERVAL 1 HOUR, NOW(6) - INTERVAL 1 MINUTE, NOW(6) + INTERVAL 1 DAY, 6000, 10, 0),
(8, 'plan', '초안', 'Draft', 'draft', NOW(6), NOW(6), NOW(6) + INTERVAL 1 DAY, 60, 10, 0)`,
		`INSERT INTO flight (id, flight_no, local_date, origin, destination, departs_at, arrives_at, layout, international, sale_id, sales_close_at)
VALUES (1, 'ZP101', '2099-01-02', 'GMP', 'CJU', '2099-01-02 01:00:00', '2099-01-02 02:00:00', 'b738', FALSE, 7, '2099-01-01 23:00:00')`,
		`INSERT INTO flight_fare (flight_id, cabin, fare_code, base_amount, quota) VALUES (1, 'economy', 'special', 9900, NULL)`,
		`INSERT INTO seat (flight_id, seat_no, cabin) VALUES (1, '1A', 'economy'), (1, '1B', 'economy'), (1, '1C', 'economy')`,
		`INSERT INTO distance_band (band, international, up_to_km) VALUES ('d', FALSE, 5000)`,
		`INSERT INTO fuel_surcharge (band, passenger_kind, issue_from, amount) VALUES ('d', 'adult', '2020-01-01', 17700)`,
		`INSERT INTO airport_charge (airport, international, passenger_kind, amount) VALUES ('GMP', FALSE, 'adult', 4000)`,
	} {
		if _, err := q.pool.Exec(statement); err != nil {
			q.t.Fatal(err)
		}
	}
}

func (q *queueSite) openRooms(redis rueidis.Client) {
	q.t.Helper()
	keys, err := waitingroom.NewKeys([]waitingroom.Key{{ID: "k", Secret: []byte(strings.Repeat("s", 32))}})
	if err != nil {
		q.t.Fatal(err)
	}
	if q.rooms, err = waitingroom.New(waitingroom.Options{Redis: redis, DB: q.pool, Keys: keys, Serves: true}); err != nil {
		q.t.Fatal(err)
	}
	if err := q.rooms.Start(q.t.Context()); err != nil {
		q.t.Fatal(err)
	}
	if err := q.rooms.Ready(q.t.Context(), 7); err != nil {
		q.t.Fatal(err)
	}
}

func (q *queueSite) serve(ids *db.IDs) {
	q.t.Helper()
	airports, err := flights.LoadAirports()
	if err != nil {
		q.t.Fatal(err)
	}
	sessions := scs.New()
	sessions.Cookie.Secure = false
	server := httptest.NewServer(New(Deps{
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Sessions: sessions, Members: q.members, Airports: airports,
		Sales: sales.NewSales(q.pool, ids, sales.NewPrices(q.pool, airports.DistanceKm, time.Now), time.Now), Rooms: q.rooms,
		Observe: noObserver{}, Site: Settings{Demo: true},
	}))
	q.t.Cleanup(server.Close)
	q.url = server.URL
}

func (q *queueSite) logIn(a members.DemoAccount) {
	q.t.Helper()
	path := "/login"
	if a.Role != members.RoleCustomer {
		path = "/admin/login"
	}
	if got := q.post(path, "email", a.Email, "password", a.Password); got.StatusCode != http.StatusSeeOther {
		q.t.Fatalf("log-in: %d\n%s", got.StatusCode, got.body)
	}
}

// cookie is the browser's cookie of that name, "" without one.
func (q *queueSite) cookie(name string) string {
	u, err := url.Parse(q.url)
	if err != nil {
		q.t.Fatal(err)
	}
	for _, c := range q.browser.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func mark(body, name string) string {
	m := regexp.MustCompile(name + `="([^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		return "missing"
	}
	return m[1]
}

func TestFromTheLineToTheFlights(t *testing.T) {
	t.Parallel()
	q := newQueueSite(t)
	q.logIn(members.DemoCustomer())
	q.want(q.get("/sales/jeju"), 200, "", `data-action="join"`, "제주 특가", "31,600")
	q.want(q.post("/sales/jeju/queue"), 303, "/sales/jeju/queue")
	page := q.get("/sales/jeju/queue")
	q.want(page, 200, "", `data-queue-state="waiting"`, `data-position="1"`, `data-eta-low=""`, `data-action="leave"`, `<noscript><meta http-equiv="refresh"`)
	if stopped := q.get("/sales/jeju/queue?stop=1"); strings.Contains(stopped.body, `http-equiv="refresh"`) {
		t.Error("the page reloads although it was told to stop")
	}
	poll := q.get("/sales/jeju/queue/status")
	next := mark(poll.body, "data-next-poll")
	q.want(poll, 200, "", `data-queue-state="waiting"`, `hx-get="/sales/jeju/queue/status"`, `hx-trigger="every `+next+`s"`)
	if poll.Header.Get("Retry-After") != next || strings.Contains(poll.body, "<html") || strings.Contains(poll.body, q.cookie("queue7")) {
		t.Errorf("Retry-After %q, next poll %s:\n%s", poll.Header.Get("Retry-After"), next, poll.body)
	}
	q.letIn()
	q.want(q.get("/sales/jeju"), 200, "", "들어오셨습니다", "/flights?depart=2099-01-02")
	q.want(q.post("/sales/jeju/queue/leave"), 303, "/sales/jeju")
	if q.cookie("queue7")+q.cookie("pass7") != "" {
		t.Error("ticket or pass stays in the browser")
	}
	q.want(q.get("/sales/jeju/queue/status"), 200, "", `data-queue-state="closed"`)
	q.want(q.get("/sales/jeju/queue"), 303, "/sales/jeju")
}

// letIn opens the sale and polls until the turn has come.
func (q *queueSite) letIn() {
	q.t.Helper()
	if _, err := q.pool.Exec(`UPDATE sale SET cap = 10, version = version + 1 WHERE id = 7`); err != nil {
		q.t.Fatal(err)
	}
	for begin := time.Now(); ; {
		poll := q.get("/sales/jeju/queue/status")
		if mark(poll.body, "data-queue-state") == "admitted" {
			q.want(poll, 200, "", "data-turn-title", `href="/sales/jeju#flights"`)
			if strings.Contains(poll.body, "hx-trigger") {
				q.t.Error("the page goes on polling after the turn has come")
			}
			break
		}
		if time.Since(begin) > 30*time.Second {
			q.t.Fatalf("not let in:\n%s", poll.body)
		}
	}
	if q.cookie("pass7") == "" {
		q.t.Error("no pass in the browser")
	}
}

func TestStraightInWithoutAWaitingPage(t *testing.T) {
	t.Parallel()
	q := newQueueSite(t)
	q.logIn(members.DemoCustomer())
	q.post("/sales/jeju/queue")
	q.letIn()
	q.browser = newBrowser(t) // another device
	q.logIn(members.DemoCustomer())
	q.want(q.post("/sales/jeju/queue"), 303, "/sales/jeju#flights")
}

func TestStrangersInTheLine(t *testing.T) {
	t.Parallel()
	q := newQueueSite(t)
	q.want(q.post("/sales/jeju/queue"), 401, "", `data-error="login"`)
	q.want(q.get("/sales/jeju/queue"), 303, "/sales/jeju")
	q.want(q.get("/sales/jeju/queue/status"), 200, "", `data-queue-state="closed"`, `data-position=""`)
	q.want(q.get("/sales/jeju/fairness"), 200, "", "먼저 온 순서")
	q.want(q.get("/sales"), 200, "", "제주 특가")
	q.want(q.get("/sales/plan"), 404, "", `data-error="not_found"`)
	q.want(q.get("/sales/nothing/queue/status"), 404, "")
	u, err := url.Parse(q.url)
	if err != nil {
		t.Fatal(err)
	}
	q.browser.Jar.SetCookies(u, []*http.Cookie{{Name: "queue7", Value: "AQFrBwEBAQEBAQEBAQEBAQEBAQEBAQEBAQ"}, {Name: "seen7", Value: "99999.waiting.x"}})
	q.want(q.get("/sales/jeju/queue/status"), 200, "", `data-queue-state="closed"`)
}

func TestSomebodyElsesTicketIsOnlyForgotten(t *testing.T) {
	t.Parallel()
	q := newQueueSite(t)
	q.logIn(members.DemoCustomer())
	q.post("/sales/jeju/queue")
	ticket := q.cookie("queue7")
	q.logIn(members.DemoOperator()) // the same browser, another member
	q.want(q.post("/sales/jeju/queue/leave"), 303, "/sales/jeju")
	parsed, err := q.rooms.Ticket(ticket)
	if err != nil {
		t.Fatal(err)
	}
	if st, err := q.rooms.Poll(t.Context(), parsed, 0); err != nil || st.State != waitingroom.Waiting {
		t.Errorf("the place is gone: %+v, %v", st, err)
	}
}

func TestOperatorsRunASale(t *testing.T) {
	t.Parallel()
	q := newQueueSite(t)
	q.want(q.get("/admin"), 303, "/admin/login?next=%2Fadmin")
	q.logIn(members.DemoCustomer())
	q.want(q.get("/admin"), 404, "")
	q.want(q.post("/admin/sales/jeju/control", "rate", "1"), 404, "")
	q.post("/sales/jeju/queue")
	q.logIn(members.DemoOperator())
	q.want(q.get("/admin"), 200, "", "제주 특가", `data-figure="waiting"`, `data-figure="sold"`)
	q.want(q.get("/admin/sales/jeju"), 200, "", `name="rate"`, `value="6000"`, `hx-get="/admin/sales/jeju"`)
	q.want(q.post("/admin/sales/jeju/control", "rate", "fast", "cap", "-1"), 422, "", `data-error="invalid"`, `value="fast"`, `id="rate-error"`, `id="cap-error"`)
	q.want(q.post("/admin/sales/jeju/control", "step", "pause"), 422, "", `id="reason-error"`)
	q.want(q.post("/admin/sales/jeju/control", "step", "resume"), 422, "")
	q.want(q.post("/admin/sales/jeju/control", "rate", "1,200", "cap", "50", "reason", "여유"), 303, "/admin/sales/jeju?done")
	q.want(q.post("/admin/sales/jeju/control", "step", "pause", "reason", "점검 중입니다"), 303, "/admin/sales/jeju?done")
	q.want(q.get("/admin/sales/jeju?done"), 200, "", "속도 6000 → 1200", "한도 0 → 50", "점검 중입니다", "이운영")
	q.want(q.get("/sales/jeju"), 200, "", "점검 중입니다")
}

func TestTokensTravelInHostCookies(t *testing.T) {
	t.Parallel()
	s := &site{}
	w := httptest.NewRecorder()
	s.keepTurn(w, sales.Sale{ID: 7}, seen{serving: 3, state: "waiting", said: 9}, waitingroom.Status{Ticket: "t"})
	for _, c := range w.Result().Cookies() {
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" {
			t.Errorf("%+v", c)
		}
	}
	if got := parseSeen(seen{3, "waiting", 9}.String()); got != (seen{3, "waiting", 9}) {
		t.Errorf("%+v", got)
	}
	for _, odd := range []string{"", "1.2", "-1.a.2", "x.a.2", "1.averylongstate.2"} {
		if got := parseSeen(odd); got != (seen{}) {
			t.Errorf("%q is read as %+v", odd, got)
		}
	}
}
