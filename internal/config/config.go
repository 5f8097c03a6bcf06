// Package config reads the program's settings from flags and environment variables of the same names, and
// reports every fault at once.
package config

import (
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"
)

// Modes of a run.
const (
	Production = "production"
	Demo       = "demo"
)

// Config is everything that can be set from outside. docs/configuration.md lists it.
type Config struct {
	Mode         string
	Addr         string
	BaseURL      string
	InternalAddr string
	Home         string
	Layouts      string // folder with more cabin layouts; empty: none

	DBDSN           string
	DBPool          int
	RedisURL        string
	SessionRedisURL string
	AMQPURL         string
	SMTPURL         string
	MailFrom        string

	SecretKeys SecretKeys
	PortOne    PortOne

	Airline      string
	TicketPrefix string
	Seller       Seller

	HoldMinutes   int
	MemberHolds   int
	RefuseMinutes int
	HoldStrategy  string
	LogFormat     string
	Drain         time.Duration
}

// PortOne holds the payment gateway's coordinates.
type PortOne struct {
	BaseURL        string
	CheckoutURL    string // where the browser goes to pay; the simulator's hosted page in a demo
	StoreID        string
	APISecret      string
	ChannelKey     string
	WebhookSecrets []string
}

// Seller is who sells, as the law wants it in the footer.
type Seller struct {
	Name, Representative, BusinessNumber, MailOrderNumber, Address, Phone, Email string
}

// setting is one variable: its name without PIGONAIR_, what it means, its default, and how it is read.
type setting struct {
	name  string
	usage string
	def   string
	read  func(*Config, string) error
}

// EnvName is the environment variable of a setting, such as PIGONAIR_DB_DSN for db-dsn.
func EnvName(name string) string {
	return "PIGONAIR_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// FlagSet returns a flag set that knows every setting; the values land in the returned function's Config.
// A flag beats the environment, the environment beats the default. Call load after parsing.
func FlagSet(command string, getenv func(string) string) (fs *flag.FlagSet, load func() (Config, error)) {
	fs = flag.NewFlagSet(command, flag.ContinueOnError)
	values := map[string]*string{}
	for _, s := range settings {
		def := s.def
		if v := getenv(EnvName(s.name)); v != "" {
			def = v
		}
		values[s.name] = fs.String(s.name, def, s.usage+" (environment: "+EnvName(s.name)+")")
	}
	return fs, func() (Config, error) { return read(values) }
}

func read(values map[string]*string) (Config, error) {
	var c Config
	var faults []error
	for _, s := range settings {
		if err := s.read(&c, *values[s.name]); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", EnvName(s.name), err))
		}
	}
	return c, errors.Join(faults...)
}

// CheckServing reports, in one error, everything that serve and worker need and c lacks.
func (c Config) CheckServing() error {
	var faults []error
	need := func(name, value, expected string) {
		if value == "" {
			faults = append(faults, fmt.Errorf("%s: is empty, expected %s", EnvName(name), expected))
		}
	}
	need("db-dsn", c.DBDSN, "a go-sql-driver DSN such as user:password@tcp(127.0.0.1:3306)/pigonair")
	need("redis-url", c.RedisURL, "a URL such as redis://127.0.0.1:6379/0")
	need("session-redis-url", c.SessionRedisURL, "a URL such as redis://127.0.0.1:6379/0")
	need("amqp-url", c.AMQPURL, "a URL such as amqp://user:password@127.0.0.1:5672/")
	need("smtp-url", c.SMTPURL, "a URL such as smtp://127.0.0.1:25")
	need("portone-base-url", c.PortOne.BaseURL, "the gateway's REST address")
	need("portone-checkout-url", c.PortOne.CheckoutURL, "the gateway's hosted pay page")
	need("portone-store-id", c.PortOne.StoreID, "the store's id at the gateway")
	need("portone-api-secret", c.PortOne.APISecret, "the gateway's API secret")
	need("portone-channel-key", c.PortOne.ChannelKey, "the key of the card channel")
	need("base-url", c.BaseURL, "the URL that customers see, such as https://www.example.com")
	if len(c.PortOne.WebhookSecrets) == 0 {
		need("portone-webhook-secrets", "", "one or two webhook secrets, separated by commas")
	}
	if len(c.SecretKeys) == 0 {
		need("secret-keys", "", "kid:base64 with at least 32 bytes, several separated by commas")
	}
	if c.Mode == Production && c.BaseURL != "" && !strings.HasPrefix(c.BaseURL, "https://") {
		faults = append(faults, fmt.Errorf("%s: is %q, expected an https:// URL in production", EnvName("base-url"), c.BaseURL))
	}
	return errors.Join(faults...)
}
