package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/redis/rueidis"

	"pigonair/booking"
	"pigonair/db"
	"pigonair/flights"
	"pigonair/internal/config"
	"pigonair/outbox"
)

// errIll means that the doctor found something.
var errIll = errors.New("not all is well")

// doctor looks at what the program needs, tells who had a seat, or balances the money.
func doctor(ctx context.Context, args []string, env environment) error {
	var seat, at string
	var money bool
	var days int
	cfg, err := settings("doctor", "Looks whether all servers answer and the schema is up to date; with --seat tells who had a seat, when and why; with --money compares our books with the payment gateway's.", args, env, func(fs *flag.FlagSet) {
		fs.StringVar(&seat, "seat", "", "a seat such as ZP101-20261224:12A")
		fs.StringVar(&at, "at", "", "with --seat: only at this instant, such as 2026-12-24T06:00:00Z")
		fs.BoolVar(&money, "money", false, "what was captured, refunded, applied, is open, and the difference")
		fs.IntVar(&days, "days", 7, "with --money: so many days in Korea, today included")
	})
	if err != nil {
		return err
	}
	switch {
	case seat != "":
		return tellSeat(ctx, cfg, env, seat, at)
	case money:
		return balanceMoney(ctx, cfg, env, days)
	}
	ill := false
	for _, look := range []struct {
		name string
		at   func(context.Context, config.Config) error
	}{{"database", lookDatabase}, {"redis", lookRedis(cfg.RedisURL)}, {"sessions", lookRedis(cfg.SessionRedisURL)}, {"broker", lookBroker}} {
		err := look.at(ctx, cfg)
		if err != nil {
			ill = true
			fmt.Fprintf(env.out, "%-10s FAULT  %v\n", look.name, err)
			continue
		}
		fmt.Fprintf(env.out, "%-10s fine\n", look.name)
	}
	if ill {
		return errIll
	}
	return nil
}

func lookDatabase(ctx context.Context, cfg config.Config) error {
	pool, err := needDatabase(cfg)
	if err != nil {
		return err
	}
	defer pool.Close()
	missing, err := db.Pending(ctx, pool)
	if err == nil && missing {
		err = errors.New("migrations are missing: run pigonair migrate")
	}
	return err
}

func lookRedis(url string) func(context.Context, config.Config) error {
	return func(ctx context.Context, _ config.Config) error {
		option, err := rueidis.ParseURL(url)
		if err != nil {
			return err
		}
		client, err := rueidis.NewClient(option)
		if err != nil {
			return err
		}
		defer client.Close()
		return client.Do(ctx, client.B().Ping().Build()).Error()
	}
}

func lookBroker(_ context.Context, cfg config.Config) error {
	urls, err := outbox.ParseURLs(cfg.AMQPURL)
	if err != nil {
		return err
	}
	conn, err := amqp.Dial(urls[0])
	if err != nil {
		return err
	}
	return conn.Close()
}

// tellSeat prints a seat's history, or who had it at one instant.
func tellSeat(ctx context.Context, cfg config.Config, env environment, seat, at string) error {
	flight, no, found := strings.Cut(seat, ":")
	id, err := flights.ParsePublicID(flight)
	if !found || err != nil {
		return fmt.Errorf("%w: --seat %q, expected such as ZP101-20261224:12A", errUsage, seat)
	}
	pool, err := needDatabase(cfg)
	if err != nil {
		return err
	}
	defer pool.Close()
	if at != "" {
		instant, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			return fmt.Errorf("%w: --at %q, expected such as 2026-12-24T06:00:00Z", errUsage, at)
		}
		owner, err := booking.OwnerAt(ctx, db.New(pool), id.RowID(), no, instant)
		if err == nil {
			fmt.Fprintf(env.out, "%s at %s: %s\n", seat, at, owner)
		}
		return err
	}
	story, err := booking.SeatStory(ctx, db.New(pool), id.RowID(), no)
	for _, o := range story {
		fmt.Fprintf(env.out, "%s  %s\n", o.Since.Format(time.RFC3339Nano), o)
	}
	if err == nil && len(story) == 0 {
		fmt.Fprintln(env.out, "never taken")
	}
	return err
}
