package config

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settings is the one list of variables.
var settings = []setting{
	{"mode", "production or demo", Production, oneOf(func(c *Config) *string { return &c.Mode }, Production, Demo)},
	{"addr", "public listener", "127.0.0.1:8080", address(func(c *Config) *string { return &c.Addr })},
	{"base-url", "URL that customers see", "", link(func(c *Config) *string { return &c.BaseURL })},
	{"internal-addr", "listener for health, metrics and profiles; never public", "127.0.0.1:8081", address(func(c *Config) *string { return &c.InternalAddr })},
	{"home", "folder where demo and tests keep private servers and data", ".pigonair", text(func(c *Config) *string { return &c.Home })},
	{"layouts", "folder with cabin layouts (*.txt) beside those that come with the program", "", text(func(c *Config) *string { return &c.Layouts })},
	{"db-dsn", "MySQL or MariaDB, in go-sql-driver's form", "", text(func(c *Config) *string { return &c.DBDSN })},
	{"db-pool", "most connections of one process to the database", "16", number(func(c *Config) *int { return &c.DBPool }, 1, 1000)},
	{"redis-url", "Redis of queue and caches", "", link(func(c *Config) *string { return &c.RedisURL })},
	{"session-redis-url", "Redis of the sessions", "", link(func(c *Config) *string { return &c.SessionRedisURL })},
	{"amqp-url", "RabbitMQ; several addresses separated by commas", "", text(func(c *Config) *string { return &c.AMQPURL })},
	{"smtp-url", "mail server: smtp://, smtp+starttls:// or smtps://", "", link(func(c *Config) *string { return &c.SMTPURL })},
	{"mail-from", "sender of mails", "PigonAir <no-reply@pigonair.example>", text(func(c *Config) *string { return &c.MailFrom })},
	{"secret-keys", "signing keys, kid:base64 separated by commas; the first signs, all verify", "", func(c *Config, v string) (err error) {
		c.SecretKeys, err = ParseSecretKeys(v)
		return err
	}},
	{"portone-base-url", "the gateway's REST address", "https://api.portone.io", link(func(c *Config) *string { return &c.PortOne.BaseURL })},
	{"portone-checkout-url", "the gateway's hosted pay page", "", link(func(c *Config) *string { return &c.PortOne.CheckoutURL })},
	{"portone-store-id", "the store's id at the gateway", "", text(func(c *Config) *string { return &c.PortOne.StoreID })},
	{"portone-api-secret", "the gateway's API secret", "", text(func(c *Config) *string { return &c.PortOne.APISecret })},
	{"portone-channel-key", "key of the card channel", "", text(func(c *Config) *string { return &c.PortOne.ChannelKey })},
	{"portone-webhook-secrets", "one or two webhook secrets, separated by commas", "", func(c *Config, v string) error {
		c.PortOne.WebhookSecrets = list(v)
		return nil
	}},
	{"airline", "the carrier's two-character code", "ZP", shaped(func(c *Config) *string { return &c.Airline }, `^[A-Z0-9]{2}$`, "two capital letters or digits")},
	{"ticket-prefix", "the carrier's three-digit ticket prefix", "990", shaped(func(c *Config) *string { return &c.TicketPrefix }, `^[0-9]{3}$`, "three digits")},
	{"seller-name", "seller: company", "피곤에어(주)", text(func(c *Config) *string { return &c.Seller.Name })},
	{"seller-representative", "seller: representative", "홍길동", text(func(c *Config) *string { return &c.Seller.Representative })},
	{"seller-business-number", "seller: business registration number", "000-00-00000", text(func(c *Config) *string { return &c.Seller.BusinessNumber })},
	{"seller-mail-order-number", "seller: mail-order business number", "제2026-서울강서-00000호", text(func(c *Config) *string { return &c.Seller.MailOrderNumber })},
	{"seller-address", "seller: address", "서울특별시 강서구 하늘길 1", text(func(c *Config) *string { return &c.Seller.Address })},
	{"seller-phone", "seller: phone", "1500-0000", text(func(c *Config) *string { return &c.Seller.Phone })},
	{"seller-email", "seller: e-mail", "help@pigonair.example", text(func(c *Config) *string { return &c.Seller.Email })},
	{"hold-minutes", "how long a hold lives", "15", number(func(c *Config) *int { return &c.HoldMinutes }, 1, 120)},
	{"member-holds", "most unpaid holds of a member at once on flights of no sale; 0: any number; demo has no bound", "5", number(func(c *Config) *int { return &c.MemberHolds }, 0, 1000)},
	{"refuse-minutes", "how long a member's next hold in a sale is refused after two that ran out unpaid", "30", number(func(c *Config) *int { return &c.RefuseMinutes }, 0, 1440)},
	{"hold-strategy", "how holds lock: batched, pessimistic or conditional", "batched", oneOf(func(c *Config) *string { return &c.HoldStrategy }, "batched", "pessimistic", "conditional")},
	{"log-format", "json or text", "json", oneOf(func(c *Config) *string { return &c.LogFormat }, "json", "text")},
	{"drain", "how long a stopping process lets requests and messages finish", "20s", duration(func(c *Config) *time.Duration { return &c.Drain })},
}

func text(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error {
		*field(c) = v
		return nil
	}
}

// shaped takes text of one form, which expected describes.
func shaped(field func(*Config) *string, form, expected string) func(*Config, string) error {
	return func(c *Config, v string) error {
		if !regexp.MustCompile(form).MatchString(v) {
			return fmt.Errorf("is %q, expected %s", v, expected)
		}
		*field(c) = v
		return nil
	}
}

func oneOf(field func(*Config) *string, allowed ...string) func(*Config, string) error {
	return func(c *Config, v string) error {
		if !slices.Contains(allowed, v) {
			return fmt.Errorf("is %q, expected one of %s", v, strings.Join(allowed, ", "))
		}
		*field(c) = v
		return nil
	}
}

func address(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error {
		if _, port, err := net.SplitHostPort(v); err != nil || port == "" {
			return fmt.Errorf("is %q, expected host:port", v)
		}
		*field(c) = v
		return nil
	}
}

// link takes an absolute URL, or nothing.
func link(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error {
		u, err := url.Parse(v)
		if err != nil || (v != "" && (u.Scheme == "" || u.Host == "")) {
			return fmt.Errorf("is %q, expected a URL", redacted(v))
		}
		*field(c) = strings.TrimSuffix(v, "/")
		return nil
	}
}

// redacted keeps passwords out of messages about URLs that do not parse.
func redacted(v string) string {
	if _, after, found := strings.Cut(v, "@"); found {
		return "…@" + after
	}
	return v
}

func number(field func(*Config) *int, low, high int) func(*Config, string) error {
	return func(c *Config, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < low || n > high {
			return fmt.Errorf("is %q, expected a number from %d to %d", v, low, high)
		}
		*field(c) = n
		return nil
	}
}

func duration(field func(*Config) *time.Duration) func(*Config, string) error {
	return func(c *Config, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil || d < 0 {
			return fmt.Errorf("is %q, expected a duration such as 20s", v)
		}
		*field(c) = d
		return nil
	}
}

func list(v string) []string {
	var out []string
	for part := range strings.SplitSeq(v, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
