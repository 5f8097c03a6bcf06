package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"time"

	"pigonair/db"
	"pigonair/internal/config"
	"pigonair/seed"
)

// migrate brings the schema up to date. It is a step of its own, before the processes that need it.
func migrate(ctx context.Context, args []string, env environment) error {
	cfg, err := settings("migrate", "Brings the database's schema up to date.", args, env, nil)
	if err != nil {
		return err
	}
	pool, err := needDatabase(cfg)
	if err != nil {
		return err
	}
	defer pool.Close()
	n, err := db.Migrate(ctx, pool)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.out, "%d migrations applied\n", n)
	return nil
}

// seedData fills the database.
func seedData(ctx context.Context, args []string, env environment) error {
	var size string
	var number int64
	cfg, err := settings("seed", "Fills the database with airports, fares, flights and sales. Repeating it adds what is missing.", args, env, func(fs *flag.FlagSet) {
		fs.StringVar(&size, "size", "demo", "small, demo or large")
		fs.Int64Var(&number, "number", 1, "decides what chance decides; the same number gives the same data")
	})
	if err != nil {
		return err
	}
	parsed, err := seed.ParseSize(size)
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	pool, err := needDatabase(cfg)
	if err != nil {
		return err
	}
	defer pool.Close()
	result, err := seed.Run(ctx, pool, seed.Options{Size: parsed, Number: number, Today: time.Now(), Carrier: cfg.Airline, Progress: env.errs})
	if err != nil {
		return err
	}
	fmt.Fprintf(env.out, "added %d flights and %d seats\n", result.Flights, result.Seats)
	return nil
}

// version prints what runs.
func version(_ context.Context, args []string, env environment) error {
	_, err := settings("version", "Prints the version.", args, env, nil)
	if err == nil {
		fmt.Fprintln(env.out, "pigonair", revision())
	}
	return err
}

// errNoDatabase names the variable that is missing.
var errNoDatabase = fmt.Errorf("%w: %s: is empty, expected a go-sql-driver DSN", errUsage, config.EnvName("db-dsn"))

// needDatabase opens the database that a command works on.
func needDatabase(cfg config.Config) (*sql.DB, error) {
	if cfg.DBDSN == "" {
		return nil, errNoDatabase
	}
	return db.Open(cfg.DBDSN, db.Pool{MaxOpen: cfg.DBPool})
}
