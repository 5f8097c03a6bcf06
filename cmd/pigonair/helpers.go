package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"

	"pigonair/internal/config"
	"pigonair/internal/gatewaysim"
	"pigonair/internal/mailbox"
)

// errProduction keeps the helpers of a local run out of production.
var errProduction = errors.New("only for local runs: set PIGONAIR_MODE=demo")

// gateway runs the payment gateway's simulator.
func gateway(ctx context.Context, args []string, env environment) error {
	cfg, err := settings("gateway", "Runs the payment gateway's simulator. No money moves.", args, env, nil)
	if err != nil {
		return err
	}
	if cfg.Mode != config.Demo {
		return fmt.Errorf("%w: %w", errUsage, errProduction)
	}
	if len(cfg.PortOne.WebhookSecrets) == 0 {
		return fmt.Errorf("%w: %s: is empty", errUsage, config.EnvName("portone-webhook-secrets"))
	}
	sim, err := gatewaysim.New(gatewaysim.Config{Addr: cfg.Addr, StoreID: cfg.PortOne.StoreID, APISecret: cfg.PortOne.APISecret,
		WebhookURL: cfg.BaseURL + "/webhooks/portone", WebhookSecret: cfg.PortOne.WebhookSecrets[0], Dir: filepath.Join(cfg.Home, "gateway"),
		Log: newLog(cfg, env, "gateway")})
	if err != nil {
		return err
	}
	defer sim.Stop()
	if err := sim.Start(ctx); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// runMailbox runs the mail server that keeps what it is sent.
func runMailbox(ctx context.Context, args []string, env environment) error {
	var smtp string
	cfg, err := settings("mailbox", "Runs a mail server that delivers nothing and shows what it was sent.", args, env, func(fs *flag.FlagSet) {
		fs.StringVar(&smtp, "smtp-addr", "127.0.0.1:2525", "listener for SMTP")
	})
	if err != nil {
		return err
	}
	if cfg.Mode != config.Demo {
		return fmt.Errorf("%w: %w", errUsage, errProduction)
	}
	box := mailbox.New(mailbox.Config{SMTPAddr: smtp, HTTPAddr: cfg.Addr, Dir: filepath.Join(cfg.Home, "mailbox"), Log: newLog(cfg, env, "mailbox")})
	if err := box.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	<-ctx.Done()
	box.Stop()
	return nil
}
