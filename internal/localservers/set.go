package localservers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"pigonair/internal/localservers/filelock"
)

// Listeners beside the three that users connect to, which are named as their servers.
const (
	portEPMD         = "epmd"
	portDistribution = "rabbitmq-distribution"
	portManagement   = "rabbitmq-management"
)

const (
	maxLinger = 15 * time.Second
	// Linger and grace together: no process outlives a killed user for longer than 30 s.
	lingerAndGrace = 27 * time.Second
)

// set is the private servers of one home.
type set struct {
	dir      string
	shared   bool
	progress *progress
	use      *os.File // the lock that says who uses this home

	programs programs
	ports    ports
	epmd     *server // nil without RabbitMQ
	servers  []*server

	mariadb  *mariadb
	redis    *redisServer
	rabbitmq *rabbitmq
}

func startSet(ctx context.Context, o Options, wanted []string) (*set, error) {
	home, err := filepath.Abs(o.Home)
	if err != nil {
		return nil, err
	}
	s := &set{dir: filepath.Join(home, "servers"), shared: o.Shared, progress: &progress{out: o.Progress}}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	if err := s.startLocked(ctx, o, wanted); err != nil {
		return nil, errors.Join(err, s.stop(context.WithoutCancel(ctx)))
	}
	return s, nil
}

// startLocked starts what does not run yet while no other process does the same.
func (s *set) startLocked(ctx context.Context, o Options, wanted []string) error {
	if err := s.lockUse(); err != nil {
		return err
	}
	lock, err := s.lockStart(ctx)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := s.install(ctx, wanted); err != nil {
		return err
	}
	if err := s.writeGuard(); err != nil {
		return err
	}
	if s.ports, err = loadPorts(s.path("ports.json")); err != nil {
		return err
	}
	if err := s.build(o, wanted); err != nil {
		return err
	}
	return s.start(ctx)
}

func (s *set) path(name string) string { return filepath.Join(s.dir, name) }

// lockUse claims the home: for all who share it, or for us alone.
func (s *set) lockUse() error {
	kind := filelock.Exclusive
	if s.shared {
		kind = filelock.Shared
	}
	var err error
	s.use, err = filelock.Try(s.path("use.lock"), kind)
	if errors.Is(err, filelock.ErrHeld) {
		return fmt.Errorf("%w: %s", ErrInUse, s.dir)
	}
	return err
}

func (s *set) lockStart(ctx context.Context) (*os.File, error) {
	path := s.path("start.lock")
	lock, err := filelock.Try(path, filelock.Exclusive)
	if !errors.Is(err, filelock.ErrHeld) {
		return lock, err
	}
	s.progress.say("Another process is starting the servers; waiting for it…")
	lock, _, err = filelock.Wait(ctx, filelock.Exclusive, path)
	return lock, err
}

// install finds the programs and installs those that are missing.
func (s *set) install(ctx context.Context, wanted []string) error {
	s.programs = findPrograms()
	missing := s.programs.missing(wanted)
	if len(missing) == 0 {
		return nil
	}
	if err := installPackages(ctx, s.progress, missing); err != nil {
		return err
	}
	s.programs = findPrograms()
	if missing = s.programs.missing(wanted); len(missing) > 0 {
		return fmt.Errorf("%w: no program found after installing %v", ErrNotInstalled, missing)
	}
	return nil
}

// writeGuard puts the guard's script where the shell can read it. Shells of running guards still read the
// old file, so it is replaced, and only if it differs.
func (s *set) writeGuard() error {
	path := s.path("guard.sh")
	if there, err := os.ReadFile(path); err == nil && bytes.Equal(there, guardScript) {
		return nil
	}
	return writeFile(path, guardScript)
}

func (s *set) build(o Options, wanted []string) error {
	for _, name := range wanted {
		var err error
		switch name {
		case MariaDB:
			err = s.buildMariaDB(o)
		case Redis:
			err = s.buildRedis(o)
		case RabbitMQ:
			err = s.buildRabbitMQ(o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *set) buildMariaDB(o Options) (err error) {
	server := s.newServer(o, MariaDB, "MariaDB", MariaDB)
	if err := server.makeDir(); err != nil {
		return err
	}
	s.mariadb, err = newMariaDB(server.guard.dir, s.programs, s.ports, o.BufferPoolMB)
	server.service = s.mariadb
	s.servers = append(s.servers, server)
	return err
}

func (s *set) buildRedis(o Options) (err error) {
	server := s.newServer(o, Redis, "Redis", Redis)
	if err := server.makeDir(); err != nil {
		return err
	}
	s.redis, err = newRedis(server.guard.dir, s.programs, s.ports)
	server.service = s.redis
	s.servers = append(s.servers, server)
	return err
}

func (s *set) buildRabbitMQ(o Options) (err error) {
	s.epmd = s.newServer(o, "epmd", "", portEPMD)
	s.epmd.service = epmd{programs: s.programs, ports: s.ports}
	// RabbitMQ misses it while it shuts down.
	s.epmd.guard.linger += 2 * time.Second

	server := s.newServer(o, RabbitMQ, "RabbitMQ", RabbitMQ, portDistribution, portManagement)
	if err := errors.Join(s.epmd.makeDir(), server.makeDir()); err != nil {
		return err
	}
	s.rabbitmq, err = newRabbitMQ(server.guard.dir, s.programs, s.ports, o.Management)
	server.service = s.rabbitmq
	s.servers = append(s.servers, server)
	return err
}

func (s *set) newServer(o Options, name, title string, listeners ...string) *server {
	linger := time.Duration(0)
	if o.Shared {
		linger = maxLinger
		if o.Linger > 0 {
			linger = min(o.Linger, maxLinger)
		}
	}
	return &server{
		name: name, title: title, listeners: listeners,
		guard:    guard{dir: s.path(name), linger: linger, grace: lingerAndGrace - linger},
		ports:    s.ports,
		setpriv:  s.programs.setpriv,
		progress: s.progress,
	}
}

// start joins the servers that run already, if we share them, and starts the others, all at once.
func (s *set) start(ctx context.Context) error {
	absent, err := s.join(ctx)
	if err != nil {
		return err
	}
	for _, server := range absent {
		if err := s.ports.assign(server.listeners...); err != nil {
			return err
		}
	}
	if err := s.ports.save(s.path("ports.json")); err != nil {
		return err
	}
	if s.epmd != nil && slices.Contains(absent, s.epmd) {
		if err := s.epmd.start(ctx); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, server := range absent {
		if server != s.epmd {
			group.Go(func() error { return server.start(ctx) })
		}
	}
	return group.Wait()
}

// join returns the servers that we have to start; nothing of them is alive.
func (s *set) join(ctx context.Context) ([]*server, error) {
	all := s.all()
	joined := make([]bool, len(all))
	group, ctx := errgroup.WithContext(ctx)
	for i, server := range all {
		group.Go(func() (err error) {
			if s.shared {
				joined[i], err = server.join(ctx)
			}
			if err != nil || joined[i] {
				return err
			}
			return server.guard.terminate(ctx)
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var absent []*server
	for i, server := range all {
		if !joined[i] {
			absent = append(absent, server)
		}
	}
	return absent, nil
}

func (s *set) all() []*server {
	if s.epmd == nil {
		return s.servers
	}
	return append([]*server{s.epmd}, s.servers...)
}

func (s *set) own(name string) (*server, error) {
	if !s.shared && s.use != nil {
		for _, server := range s.servers {
			if server.name == name {
				return server, nil
			}
		}
	}
	return nil, fmt.Errorf("%s: %w", name, ErrNotOurs)
}

// stop ends our use of the servers, and the servers themselves if they are ours alone.
func (s *set) stop(ctx context.Context) error {
	if s.use == nil {
		return nil
	}
	var err error
	if !s.shared {
		err = s.terminate(ctx)
	}
	for _, server := range s.all() {
		server.guard.release()
	}
	s.use.Close()
	s.use = nil
	return err
}

func (s *set) terminate(ctx context.Context) error {
	var group errgroup.Group
	for _, server := range s.servers {
		group.Go(func() error { return server.guard.terminate(ctx) })
	}
	err := group.Wait()
	if s.epmd != nil {
		err = errors.Join(err, s.epmd.guard.terminate(ctx))
	}
	return err
}

// fill sets the addresses of what is private.
func (s *set) fill(to *Servers) {
	if s.mariadb != nil {
		to.DBDSN = s.mariadb.dsn()
	}
	if s.redis != nil {
		to.RedisURL = s.redis.url(0)
		if to.SessionRedisURL == "" {
			to.SessionRedisURL = s.redis.url(1)
		}
	}
	if s.rabbitmq != nil {
		to.AMQPURL = s.rabbitmq.url()
		to.ManagementURL = s.rabbitmq.managementURL()
	}
}
