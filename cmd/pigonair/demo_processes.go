package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"pigonair/internal/config"
	"pigonair/internal/processes"
)

// demoSecrets are made once per home folder, so that tokens outlive a restart.
type demoSecrets struct {
	SigningKey    string `json:"signing_key"`
	APISecret     string `json:"api_secret"`
	WebhookSecret string `json:"webhook_secret"`
}

// demoStore is the demo's store at the simulator.
const demoStore = "store-pigonair-demo"

func (d *demoRun) loadSecrets(context.Context) error {
	path := filepath.Join(d.cfg.Home, "secrets.json")
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		d.secrets = demoSecrets{SigningKey: "demo:" + randomKey(), APISecret: randomKey(), WebhookSecret: randomKey()}
		if content, err = json.Marshal(d.secrets); err != nil {
			return err
		}
		return os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(content, &d.secrets)
}

func randomKey() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	return base64.StdEncoding.EncodeToString(raw)
}

func (s demoSecrets) keys() config.SecretKeys {
	keys, err := config.ParseSecretKeys(s.SigningKey)
	if err != nil {
		return nil
	}
	return keys
}

// settingsOf is the environment of one of the demo's processes.
func (d *demoRun) settingsOf(addr, internal string) []string {
	values := map[string]string{
		"mode": config.Demo, "addr": addr, "internal-addr": internal, "base-url": "http://" + d.ports.shops[0], "home": d.cfg.Home,
		"db-dsn": d.servers.DBDSN, "db-pool": fmt.Sprint(d.cfg.DBPool), "redis-url": d.servers.RedisURL, "session-redis-url": d.servers.SessionRedisURL,
		"amqp-url": d.servers.AMQPURL, "smtp-url": "smtp://" + d.ports.smtp, "secret-keys": d.secrets.SigningKey,
		"portone-base-url": "http://" + d.ports.gateway, "portone-checkout-url": "http://" + d.ports.gateway, "portone-store-id": demoStore,
		"portone-api-secret": d.secrets.APISecret, "portone-channel-key": "channel-card", "portone-webhook-secrets": d.secrets.WebhookSecret,
		"hold-minutes": fmt.Sprint(d.cfg.HoldMinutes), "refuse-minutes": fmt.Sprint(d.cfg.RefuseMinutes), "hold-strategy": d.cfg.HoldStrategy, "log-format": d.cfg.LogFormat,
		"airline": d.cfg.Airline, "ticket-prefix": d.cfg.TicketPrefix,
	}
	return processes.Environment(values)
}

// demoProcess is one command with its listeners and the address that tells whether it is up.
type demoProcess struct {
	args           []string
	addr, internal string
	health         string
}

// startProcesses starts the demo's processes and waits until the shop may take traffic.
func (d *demoRun) startProcesses(ctx context.Context) error {
	d.group = processes.Group{Logs: filepath.Join(d.cfg.Home, "logs"), Again: d.env.errs}
	children := []demoProcess{
		{[]string{"gateway"}, d.ports.gateway, d.ports.internals[0], "http://" + d.ports.gateway + "/healthz"},
		{[]string{"mailbox", "--smtp-addr", d.ports.smtp}, d.ports.mailbox, d.ports.internals[0], "http://" + d.ports.mailbox + "/healthz"},
		{[]string{"worker"}, d.ports.shops[0], d.ports.workerInternal, "http://" + d.ports.workerInternal + "/readyz"},
	}
	for i := range d.ports.shops {
		children = append(children, demoProcess{[]string{"serve"}, d.ports.shops[i], d.ports.internals[i], "http://" + d.ports.internals[i] + "/readyz"})
	}
	for _, p := range children {
		if _, err := d.group.Start(p.args, d.settingsOf(p.addr, p.internal)); err != nil {
			return err
		}
	}
	for _, p := range children {
		if err := processes.Answers(ctx, p.health, 30*time.Millisecond); err != nil {
			return fmt.Errorf("%s does not come up (its log: %s): %w", p.args[0], d.group.Log(p.args[0]), err)
		}
	}
	return nil
}
