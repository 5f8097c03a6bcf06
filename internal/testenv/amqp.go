package testenv

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"
)

// maxVHosts bounds how many vhosts the tests of all processes have at the same time.
const maxVHosts = 64

// AMQP returns the URL of an empty broker vhost for this test alone. On a given broker it needs the HTTP
// API: at PIGONAIR_TEST_AMQP_API_URL, with user and password, or else at the broker's host on port 15672
// with the broker's account.
func AMQP(t testing.TB) string {
	t.Helper()
	e := get(t)
	u, err := url.Parse(e.servers.AMQPURL)
	if err != nil {
		t.Fatalf("address of the broker: %v", err)
	}
	api, err := newBrokerAPI(e.servers.ManagementURL, u)
	if err != nil {
		t.Fatal(err)
	}
	number, _ := e.claim(t, u.Host, "vhost", 0, maxVHosts)
	name := fmt.Sprintf("%s%d", e.prefix(), number)
	if err := api.recreate(t.Context(), name); err != nil {
		t.Fatalf("vhost for test: %v", err)
	}
	t.Cleanup(func() {
		if _, err := api.call(context.Background(), http.MethodDelete, "/vhosts/"+name, ""); err != nil {
			t.Errorf("delete vhost of test: %v", err)
		}
	})
	u.Path = "/" + name
	return u.String()
}

// brokerAPI is RabbitMQ's HTTP API.
type brokerAPI struct {
	base     url.URL
	user     string
	password string
}

func newBrokerAPI(private string, broker *url.URL) (brokerAPI, error) {
	given := url.URL{Scheme: "http", User: broker.User, Host: broker.Hostname() + ":15672"}
	address := cmp.Or(private, os.Getenv("PIGONAIR_TEST_AMQP_API_URL"), given.String())
	u, err := url.Parse(address)
	if err != nil {
		return brokerAPI{}, fmt.Errorf("address of the broker's HTTP API: %w", err)
	}
	password, _ := u.User.Password()
	api := brokerAPI{base: *u, user: u.User.Username(), password: password}
	api.base.User = nil
	return api, nil
}

// recreate makes an empty vhost that the account may use.
func (b brokerAPI) recreate(ctx context.Context, name string) error {
	status, err := b.call(ctx, http.MethodPut, "/vhosts/"+name, "")
	if err == nil && status == http.StatusNoContent {
		// It was there already: left by a process that was killed.
		_, err = b.call(ctx, http.MethodDelete, "/vhosts/"+name, "")
		if err == nil {
			_, err = b.call(ctx, http.MethodPut, "/vhosts/"+name, "")
		}
	}
	if err != nil {
		return err
	}
	_, err = b.call(ctx, http.MethodPut, "/permissions/"+name+"/"+url.PathEscape(b.user),
		`{"configure": ".*", "write": ".*", "read": ".*"}`)
	return err
}

// call sends one request and returns the status, an error if that is none of success.
func (b brokerAPI) call(ctx context.Context, method, path, body string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	address := b.base.JoinPath("api", path).String()
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewBufferString(body))
	if err != nil {
		return 0, err
	}
	request.SetBasicAuth(b.user, b.password)
	request.Header.Set("Content-Type", "application/json")
	request.Close = true // keep no connection: tests look for goroutines that leak
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1000)) // only to say more
		return 0, fmt.Errorf("%s %s: %s: %s", method, path, response.Status, text)
	}
	return response.StatusCode, nil
}
