package main

import (
	"context"
	"time"

	"pigonair/internal/config"
	"pigonair/internal/health"
	"pigonair/internal/mail"
	"pigonair/notices"
	"pigonair/outbox"
	"pigonair/payment"
)

// worker is the process behind the web: it relays messages, sends mails, settles payments and moves the lines.
func worker(ctx context.Context, args []string, env environment) error {
	cfg, err := checkedSettings("worker", "Works on what follows a commit: messages, mails, payments of unknown outcome, refunds, waiting rooms.", args, env, nil, config.Config.CheckServing)
	if err != nil {
		return err
	}
	return withHealth(ctx, cfg, env, "worker", false, workIn)
}

// service is anything that runs in the background.
type service interface {
	Start(context.Context) error
	Stop()
}

func workIn(ctx context.Context, hs *house) error {
	sender, err := mail.New(mail.Config{URL: hs.cfg.SMTPURL, From: hs.cfg.MailFrom})
	if err != nil {
		return err
	}
	defer sender.Close()
	urls, err := outbox.ParseURLs(hs.cfg.AMQPURL)
	if err != nil {
		return err
	}
	broker := outbox.Broker{URLs: urls, Topology: outbox.StandardTopology(), Log: hs.log, Metrics: hs.metrics.Outbox()}
	post := &notices.Post{Pool: hs.pool, Booking: hs.booking, Members: hs.members, Tickets: hs.tickets, Sender: sender, BaseURL: hs.cfg.BaseURL}
	if err := hs.rooms.Reload(ctx); err != nil {
		return err
	}
	relay := outbox.NewRelay(hs.pool, broker, outbox.RelayConfig{})
	running := []service{
		outbox.NewConsumer(hs.pool, broker, outbox.ConsumerConfig{Name: outbox.LaneAccount, Effect: post.Account}),
		outbox.NewConsumer(hs.pool, broker, outbox.ConsumerConfig{Name: outbox.LaneMail, Effect: post.Trip}),
		relay,
		outbox.NewJanitor(hs.pool, hs.log, outbox.JanitorConfig{}),
		payment.NewSettler(hs.payment, time.Second),
		newExpiryRecorder(hs.booking, hs.log),
		roomService{hs.rooms},
	}
	for i, s := range running {
		if err := s.Start(context.WithoutCancel(ctx)); err != nil {
			stopAll(running[:i])
			return err
		}
	}
	hs.health.Started(ctx, append(hs.checks(), health.Check{Name: "broker", Ask: func(context.Context) error { return relay.Ready() }})...)
	hs.log.Info("working")
	<-ctx.Done()
	hs.health.Drain()
	hs.log.Info("stopping")
	stopAll(running)
	return nil
}

// stopAll stops services in the opposite order of their start.
func stopAll(running []service) {
	for i := len(running) - 1; i >= 0; i-- {
		running[i].Stop()
	}
}
