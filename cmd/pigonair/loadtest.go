package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/redis/rueidis"

	"pigonair/db"
	"pigonair/handlers"
	"pigonair/internal/config"
	"pigonair/internal/sessions"
	"pigonair/members"
)

// loadtest prepares load: "sessions" makes customers who are logged in already.
func loadtest(ctx context.Context, args []string, env environment) error {
	if len(args) > 0 && (args[0] == "--help" || args[0] == "-h") {
		fmt.Fprintln(env.out, "Usage: pigonair loadtest sessions [flags]\n\nPrepares load; loadtest sessions --help shows the flags.")
		return flag.ErrHelp
	}
	if len(args) == 0 || args[0] != "sessions" {
		return fmt.Errorf("%w: loadtest sessions --count N", errUsage)
	}
	var count int
	cfg, err := settings("loadtest sessions", "Makes verified customers and prints a line of cookies for each, so that a load test need not hash passwords.", args[1:], env, func(fs *flag.FlagSet) {
		fs.IntVar(&count, "count", 100, "how many customers")
	})
	if err != nil {
		return err
	}
	if cfg.Mode != config.Demo {
		return fmt.Errorf("%w: %w", errUsage, errProduction)
	}
	if count < 1 || count > 1_000_000 {
		return fmt.Errorf("%w: --count from 1 to 1000000", errUsage)
	}
	return printSessions(ctx, cfg, env, count)
}

func printSessions(ctx context.Context, cfg config.Config, env environment, count int) error {
	pool, err := needDatabase(cfg)
	if err != nil {
		return err
	}
	defer pool.Close()
	option, err := rueidis.ParseURL(cfg.RedisURL)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", errUsage, config.EnvName("redis-url"), err)
	}
	redis, err := rueidis.NewClient(option)
	if err != nil {
		return err
	}
	defer redis.Close()
	accounts, err := members.New(members.Options{Pool: pool, IDs: db.NewIDs(pool), Redis: redis, Demo: true, Keys: anyKeys})
	if err != nil {
		return err
	}
	customers, err := accounts.EnsureMany(ctx, count)
	if err != nil {
		return err
	}
	store, err := sessions.Open(cfg.SessionRedisURL)
	if err != nil {
		return fmt.Errorf("%s: %w", config.EnvName("session-redis-url"), err)
	}
	defer store.Close()
	manager := newSessions(cfg, store)
	out := bufio.NewWriter(env.out)
	for _, m := range customers {
		token, err := handlers.NewSession(ctx, manager, m, time.Now().Add(sessionLife))
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s=%s; %s=1\n", manager.Cookie.Name, token, handlers.HintCookie)
	}
	return out.Flush()
}

// anyKeys stand in for the installation's: nothing is signed here.
func anyKeys(string) [][]byte { return [][]byte{make([]byte, 32)} }
