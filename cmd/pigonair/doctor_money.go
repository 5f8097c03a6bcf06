package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"
	"time"

	"pigonair/internal/config"
	"pigonair/payment"
	"pigonair/payment/portone"
)

// mostDays is how far back the balance may go.
const mostDays = 366

// mostFindings bounds the list of what waits for an operator.
const mostFindings = 1000

// balanceMoney compares our books with the gateway's for the last days, and lists what waits for an operator.
func balanceMoney(ctx context.Context, cfg config.Config, env environment, days int) error {
	if days < 1 || days > mostDays {
		return fmt.Errorf("%w: --days %d, expected 1 to %d", errUsage, days, mostDays)
	}
	p := cfg.PortOne
	var missing error
	for name, value := range map[string]string{"portone-base-url": p.BaseURL, "portone-store-id": p.StoreID, "portone-api-secret": p.APISecret} {
		if value == "" {
			missing = errors.Join(missing, fmt.Errorf("%w: %s: is empty", errUsage, config.EnvName(name)))
		}
	}
	if missing != nil {
		return missing
	}
	pool, err := needDatabase(cfg)
	if err != nil {
		return err
	}
	defer pool.Close()
	books := payment.New(payment.Config{Pool: pool, StoreID: p.StoreID, Log: slog.New(slog.DiscardHandler),
		Gateway: portone.New(portone.Config{BaseURL: p.BaseURL, StoreID: p.StoreID, APISecret: p.APISecret})})
	return tellMoney(ctx, books, env.out, lastDays(time.Now(), days))
}

// span is a stretch of time.
type span struct{ from, until time.Time }

// lastDays are so many days in Korea up to now.
func lastDays(now time.Time, days int) span {
	y, m, d := now.In(time.FixedZone("KST", 9*60*60)).Date()
	return span{time.Date(y, m, d-days+1, 0, 0, 0, 0, time.FixedZone("KST", 9*60*60)), now}
}

func tellMoney(ctx context.Context, books *payment.Service, out io.Writer, over span) error {
	balance, err := books.Balance(ctx, over.from, over.until)
	if err != nil {
		return err
	}
	findings, err := books.Findings(ctx, mostFindings)
	if err != nil {
		return err
	}
	if err := printMoney(out, balance, findings); err != nil {
		return err
	}
	if balance.Total.Difference != 0 || len(balance.Odd) > 0 || len(findings) > 0 {
		return errIll
	}
	return nil
}

// printMoney prints sums by the day on which the customer went to the gateway, then what does not fit.
func printMoney(out io.Writer, b payment.Balance, findings []payment.Finding) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "day\tcaptured\trefunded\tapplied\tkept\topen\tdifference\t")
	for _, day := range append(b.Days, payment.Day{Date: "total", Sums: b.Total}) {
		s := day.Sums
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t\n", day.Date, s.Captured, s.Refunded, s.Applied, s.Kept, s.Open, s.Difference)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, odd := range b.Odd {
		state := string(odd.State)
		if state == "" {
			state = "unknown to us"
		}
		fmt.Fprintf(out, "%s (%s): the gateway has %d won more than our books\n", odd.PaymentID, state, odd.Difference)
	}
	for _, f := range findings {
		fmt.Fprintf(out, "%s: %s, %d won, found %s: %s\n", f.PaymentID, f.Kind, f.Amount, f.FoundAt.Format(time.RFC3339), f.Detail)
	}
	return nil
}
