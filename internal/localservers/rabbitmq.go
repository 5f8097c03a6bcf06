package localservers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// rabbitmq runs a private RabbitMQ with one node that nothing outside this machine can reach.
type rabbitmq struct {
	dir        string
	programs   programs
	ports      ports
	secret     string
	management bool // the HTTP API, on a port of its own
}

func newRabbitMQ(dir string, found programs, known ports, management bool) (*rabbitmq, error) {
	secret, err := password(filepath.Join(dir, "password"))
	if err != nil {
		return nil, err
	}
	return &rabbitmq{dir: dir, programs: found, ports: known, secret: secret, management: management}, nil
}

func (r *rabbitmq) path(name string) string { return filepath.Join(r.dir, filepath.FromSlash(name)) }

func (r *rabbitmq) url() string {
	u := url.URL{
		Scheme: "amqp",
		User:   url.UserPassword(account, r.secret),
		Host:   loopback(r.ports[RabbitMQ]),
	}
	return u.String()
}

func (r *rabbitmq) managementURL() string {
	if !r.management {
		return ""
	}
	u := url.URL{
		Scheme: "http",
		User:   url.UserPassword(account, r.secret),
		Host:   loopback(r.ports[portManagement]),
	}
	return u.String()
}

func (r *rabbitmq) prepare(context.Context) (command, error) {
	if err := r.discardUnfinished(); err != nil {
		return command{}, err
	}
	if err := os.MkdirAll(r.path("data"), 0o700); err != nil {
		return command{}, err
	}
	layout, err := r.layout()
	if err != nil {
		return command{}, err
	}
	err = errors.Join(
		writeFile(r.path("rabbitmq.config"), []byte(r.config())),
		writeFile(r.path("enabled_plugins"), []byte(r.enabledPlugins())),
	)
	if err != nil {
		return command{}, err
	}
	return command{args: []string{layout.script}, env: r.env(layout)}, nil
}

// discardUnfinished empties the data folder if RabbitMQ never got ready in it: its first start makes the
// account in several steps and does not take them up again.
func (r *rabbitmq) discardUnfinished() error {
	if exists(r.path("ready")) {
		return nil
	}
	return os.RemoveAll(r.path("data"))
}

// config is in Erlang's own form: RabbitMQ needs half a second to understand the other one.
func (r *rabbitmq) config() string {
	return fmt.Sprintf(`[
	{rabbit, [
		{tcp_listeners, [{"127.0.0.1", %d}]},
		{default_user, <<"%s">>},
		{default_pass, <<"%s">>},
		{default_user_tags, [administrator]},
		{loopback_users, []}
	]},
	{rabbitmq_management, [{listener, [{ip, "127.0.0.1"}, {port, %d}]}]},
	{ra, [{wal_max_size_bytes, %d}]}
].
`, r.ports[RabbitMQ], account, r.secret, r.ports[portManagement], 64<<20)
}

func (r *rabbitmq) plugins() []string {
	if r.management {
		return []string{"rabbitmq_management"}
	}
	return nil
}

func (r *rabbitmq) enabledPlugins() string { return "[" + commas(r.plugins()) + "].\n" }

// env is how RabbitMQ's start script is told everything.
func (r *rabbitmq) env(l layout) []string {
	env := cleanEnv(
		"HOME="+r.dir, // the node's cookie is made here
		"ERL_EPMD_ADDRESS=127.0.0.1",
		"ERL_EPMD_PORT="+strconv.Itoa(r.ports[portEPMD]),
		// Long, and with an address, so that no name needs to be looked up.
		"RABBITMQ_USE_LONGNAME=true",
		"RABBITMQ_NODENAME="+account+"@127.0.0.1",
		"RABBITMQ_DIST_PORT="+strconv.Itoa(r.ports[portDistribution]),
		"RABBITMQ_CONFIG_FILE="+r.path("rabbitmq.config"),
		"RABBITMQ_ADVANCED_CONFIG_FILE="+r.path("none"),
		"RABBITMQ_CONFIG_FILES="+r.path("none"),
		"RABBITMQ_CONF_ENV_FILE="+r.path("none"),
		"RABBITMQ_ENABLED_PLUGINS_FILE="+r.path("enabled_plugins"),
		"RABBITMQ_MNESIA_BASE="+r.path("data"),
		"RABBITMQ_LOG_BASE="+r.path("data"),
		"RABBITMQ_LOGS=-",
		// Become the Erlang machine instead of waiting for it, so that signals reach it.
		"RABBITMQ_ALLOW_INPUT=true",
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-noinput -kernel inet_dist_use_interface {127,0,0,1} "+l.erlang,
	)
	return append(env, l.env...)
}

func (r *rabbitmq) probe(ctx context.Context) (string, error) {
	conn, err := amqp.DialConfig(r.url(), amqp.Config{
		Dial: func(network, addr string) (net.Conn, error) {
			conn, err := (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return conn, conn.SetDeadline(time.Now().Add(5 * time.Second))
		},
	})
	if err != nil {
		return "", err
	}
	defer conn.Close()
	version, _ := conn.Properties["version"].(string)
	return version, os.WriteFile(r.path("ready"), nil, 0o600)
}

// epmd runs Erlang's name server, which RabbitMQ would otherwise start by itself, for all nodes of the
// machine and never to stop.
type epmd struct {
	programs programs
	ports    ports
}

func (e epmd) prepare(context.Context) (command, error) {
	port := strconv.Itoa(e.ports[portEPMD])
	return command{
		args: []string{e.programs.epmd, "-port", port, "-address", "127.0.0.1"},
		env:  cleanEnv(),
	}, nil
}

func (e epmd) probe(ctx context.Context) (string, error) {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp4", loopback(e.ports[portEPMD]))
	if err != nil {
		return "", err
	}
	return "", conn.Close()
}
