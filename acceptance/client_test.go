package acceptance

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// customers are logged-in members, made once and handed out: no two tests share one.
var customers struct {
	sync.Mutex
	cookies []string
	used    int
}

// customersMade is enough for all tests of a run.
const customersMade = 1500

// sessions returns the cookies of n customers that nobody else uses.
func sessions(t *testing.T, n int) []string {
	t.Helper()
	customers.Lock()
	defer customers.Unlock()
	if customers.cookies == nil {
		cmd := exec.Command(house.program, "loadtest", "sessions", "--count", strconv.Itoa(customersMade))
		cmd.Env = append(os.Environ(), "PIGONAIR_MODE=demo", "PIGONAIR_DB_DSN="+house.DBDSN, "PIGONAIR_REDIS_URL="+house.RedisURL,
			"PIGONAIR_SESSION_REDIS_URL="+house.SessionRedisURL)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("loadtest sessions: %v\n%s", err, out)
		}
		customers.cookies = strings.Split(strings.TrimSpace(string(out)), "\n")
	}
	if customers.used+n > len(customers.cookies) {
		t.Fatalf("%d customers are not enough", customersMade)
	}
	mine := customers.cookies[customers.used : customers.used+n]
	customers.used += n
	return mine
}

// answer is what a request brought.
type answer struct {
	status   int
	location string
	header   http.Header
}

// client follows no redirect: each answer is looked at.
var client = &http.Client{
	Transport:     &http.Transport{MaxIdleConnsPerHost: 600, MaxConnsPerHost: 600},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// send makes one request as a customer; extra headers come in pairs.
func send(ctx context.Context, method, address, cookie string, form url.Values, headers ...string) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, err
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if cookie != "" {
		request.Header.Set("Cookie", cookie)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	got, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	got.Body.Close()
	return answer{got.StatusCode, got.Header.Get("Location"), got.Header}, nil
}
