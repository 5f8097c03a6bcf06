package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"pigonair/db"
	"pigonair/internal/config"
	"pigonair/internal/localservers"
	"pigonair/internal/processes"
	"pigonair/members"
	"pigonair/seed"
)

// demoFlags are the flags that only the demo has.
type demoFlags struct {
	readyFile string
	fresh     bool
	size      string
	instances int
}

// demo starts servers, gateway, mailbox, worker and shop on this machine, and stops all of them at the end.
func demo(ctx context.Context, args []string, env environment) error {
	var f demoFlags
	cfg, err := settings("demo", "Starts everything on this machine: private servers, simulator, mailbox, worker and shop.", args, env, func(fs *flag.FlagSet) {
		fs.StringVar(&f.readyFile, "ready-file", "", "write addresses and log-ins to this JSON file once everything answers")
		fs.BoolVar(&f.fresh, "fresh", false, "start from empty data")
		fs.IntVar(&f.instances, "instances", 1, "how many web processes; the first listens on --addr")
		fs.StringVar(&f.size, "size", "demo", "how much to seed: small, demo or large")
	})
	if err != nil {
		return err
	}
	size, err := seed.ParseSize(f.size)
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	if f.instances < 1 || f.instances > 8 {
		return fmt.Errorf("%w: --instances from 1 to 8", errUsage)
	}
	d := &demoRun{cfg: cfg, env: env, flags: f, size: size, began: time.Now()}
	err = d.run(ctx)
	if ctx.Err() != nil {
		return nil // asked to stop: whatever broke off on the way is no failure
	}
	return err
}

// demoRun is one run of the demo.
type demoRun struct {
	cfg     config.Config
	env     environment
	flags   demoFlags
	size    seed.Size
	began   time.Time
	secrets demoSecrets
	servers *localservers.Servers
	places  seed.Places
	ports   demoPorts
	group   processes.Group
}

// demoPorts are the listeners of the demo's own processes.
type demoPorts struct {
	shops, internals                       []string // one per web process
	workerInternal, gateway, mailbox, smtp string
}

func (d *demoRun) run(ctx context.Context) (err error) {
	if d.cfg.Home, err = filepath.Abs(d.cfg.Home); err != nil {
		return err
	}
	home := filepath.Join(d.cfg.Home, "demo")
	if d.flags.fresh {
		if err := os.RemoveAll(home); err != nil {
			return fmt.Errorf("--fresh: %w", err)
		}
	}
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	d.cfg.Home = home
	for _, step := range []func(context.Context) error{d.loadSecrets, d.startServers, d.prepareData, d.choosePorts, d.startProcesses, d.announce} {
		if err = step(ctx); err != nil {
			break
		}
	}
	if err == nil {
		<-ctx.Done()
	}
	fmt.Fprintln(d.env.errs, "stopping …")
	d.group.Stop()
	if d.servers != nil {
		if stopErr := d.servers.Stop(); err == nil {
			err = stopErr
		}
	}
	return err
}

func (d *demoRun) startServers(ctx context.Context) (err error) {
	d.servers, err = localservers.Start(ctx, localservers.Options{Home: d.cfg.Home, Progress: d.env.errs, DBDSN: d.cfg.DBDSN,
		RedisURL: d.cfg.RedisURL, SessionRedisURL: d.cfg.SessionRedisURL, AMQPURL: d.cfg.AMQPURL})
	return err
}

// prepareData migrates, seeds what is missing and makes the demo's accounts.
func (d *demoRun) prepareData(ctx context.Context) error {
	pool, err := db.Open(d.servers.DBDSN, db.Pool{MaxOpen: 4})
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := db.Migrate(ctx, pool); err != nil {
		return err
	}
	result, err := seed.Run(ctx, pool, seed.Options{Size: d.size, Number: 1, Today: time.Now(), Carrier: d.cfg.Airline, Progress: d.env.errs})
	if err != nil {
		return err
	}
	d.places = result.Places
	keys := d.secrets.keys()
	accounts, err := members.New(members.Options{Pool: pool, IDs: db.NewIDs(pool), Demo: true, Keys: func(purpose string) [][]byte {
		return [][]byte{keys.Derive(purpose)[0].Bytes}
	}})
	if err != nil {
		return err
	}
	return accounts.EnsureDemo(ctx)
}

// choosePorts takes the address that was asked for, and free ports for everything else.
func (d *demoRun) choosePorts(context.Context) (err error) {
	d.ports.shops, d.ports.internals = make([]string, d.flags.instances), make([]string, d.flags.instances)
	for i := range d.flags.instances {
		want := d.cfg.Addr
		if i > 0 {
			want = "127.0.0.1:0"
		}
		if d.ports.shops[i], err = processes.FreeAddr(want); err != nil {
			return err
		}
		if d.ports.internals[i], err = processes.FreeAddr("127.0.0.1:0"); err != nil {
			return err
		}
	}
	for _, addr := range []*string{&d.ports.workerInternal, &d.ports.gateway, &d.ports.mailbox, &d.ports.smtp} {
		if *addr, err = processes.FreeAddr("127.0.0.1:0"); err != nil {
			return err
		}
	}
	return nil
}

// announce writes the ready file and tells where the shop is.
func (d *demoRun) announce(context.Context) error {
	if d.flags.readyFile != "" {
		if err := d.writeReadyFile(); err != nil {
			return fmt.Errorf("--ready-file: %w", err)
		}
	}
	customer, operator := members.DemoCustomer(), members.DemoOperator()
	fmt.Fprintf(d.env.out, `
PigonAir is open (%.1f s):

  shop       http://%s
  customer   %s  %s
  operators  http://%s/admin
             %s  %s
  mailbox    http://%s
  gateway    http://%s

Ctrl-C stops everything.
`, time.Since(d.began).Seconds(), d.ports.shops[0], customer.Email, customer.Password, d.ports.shops[0], operator.Email, operator.Password, d.ports.mailbox, d.ports.gateway)
	return nil
}

// login is an account in the ready file.
type login struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

func (d *demoRun) writeReadyFile() error {
	customer, operator := members.DemoCustomer(), members.DemoOperator()
	instances := make([]string, len(d.ports.shops))
	for i, addr := range d.ports.shops {
		instances[i] = "http://" + addr
	}
	content, err := json.MarshalIndent(map[string]any{
		"base_url": instances[0], "instances": instances, "internal_url": "http://" + d.ports.internals[0], "gateway_url": "http://" + d.ports.gateway,
		"mailbox_url": "http://" + d.ports.mailbox, "db_dsn": d.servers.DBDSN, "redis_url": d.servers.RedisURL,
		"session_redis_url": d.servers.SessionRedisURL, "amqp_url": d.servers.AMQPURL,
		"customer": login{customer.Email, customer.Password}, "operator": login{operator.Email, operator.Password},
		"sale": d.places.Sale, "waiting_sale": d.places.WaitingSale, "flight": d.places.Flight, "sale_flight": d.places.SaleFlight,
	}, "", "  ")
	if err != nil {
		return err
	}
	// Renamed into place: whoever sees the file sees all of it.
	part := d.flags.readyFile + ".part"
	if err := os.WriteFile(part, append(content, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(part, d.flags.readyFile)
}
