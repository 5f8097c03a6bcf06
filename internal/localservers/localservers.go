// Package localservers gives a local run and the tests their MariaDB, Redis and RabbitMQ: those at given
// addresses, else private ones that it starts from the programs installed on this machine, else from
// programs that it installs first. Private servers listen on 127.0.0.1 alone, keep all they have below one
// folder, and never outlive their users, whatever becomes of these.
package localservers

import (
	"context"
	"errors"
	"io"
	"time"
)

// Names of the servers, for Kill, StopServer and StartServer.
const (
	MariaDB  = "mariadb"
	Redis    = "redis"
	RabbitMQ = "rabbitmq"
)

var (
	// ErrInUse says that another process has the servers of this home for itself, or shares them with
	// others while we want them for ourselves.
	ErrInUse = errors.New("the servers in this folder are in use by another process")
	// ErrNotInstalled says that a server's program is missing and cannot be installed; the message tells
	// the command that would.
	ErrNotInstalled = errors.New("not installed")
	// ErrNotOurs says that a server was given by its address or is shared with other processes, so that it
	// is not ours to stop and start.
	ErrNotOurs = errors.New("not a server of this process alone")
	// ErrNotReady says that a server was started but does not answer; the message ends with the last
	// lines of its log.
	ErrNotReady = errors.New("the server does not get ready")
)

// Options say which servers to start and where. A server whose address is given is used as it is.
type Options struct {
	// Home is the folder for everything: data, logs, passwords, locks. It is made if it is missing.
	Home string
	// Progress gets a line for each thing that takes time; nil for silence.
	Progress io.Writer

	DBDSN           string // in go-sql-driver's form
	RedisURL        string
	SessionRedisURL string // empty: on the server of RedisURL
	AMQPURL         string

	// Shared lets several processes use one set of servers: the first starts it, and Linger after the last
	// is gone it stops by itself. Without it the servers are ours alone and end with us.
	Shared bool
	// Linger is rounded to seconds and at most 15 s; 0 means 15 s.
	Linger time.Duration
	// BufferPoolMB is the size of MariaDB's buffer pool; 0 means 512.
	BufferPoolMB int
	// Management starts RabbitMQ with its HTTP API.
	Management bool
}

// Servers are the addresses to use, and the private servers behind them. All addresses are set.
type Servers struct {
	// DBDSN is in go-sql-driver's form. On a private server its account may do everything, and its
	// database exists.
	DBDSN string
	// RedisURL and SessionRedisURL name databases 0 and 1 of a private Redis, which has 1024.
	RedisURL        string
	SessionRedisURL string
	AMQPURL         string
	// ManagementURL is the base of RabbitMQ's HTTP API with user and password; empty without
	// Options.Management, or with RabbitMQ at a given address.
	ManagementURL string

	set *set // nil if nothing is private
}

// Start returns when all servers answer. If it fails, nothing that it started is left behind; shared
// servers that it did get started end as if their last user had gone. Errors: ErrInUse, ErrNotInstalled,
// ErrNotReady, or the cause of ctx's end.
func Start(ctx context.Context, o Options) (*Servers, error) {
	s := &Servers{
		DBDSN:           o.DBDSN,
		RedisURL:        o.RedisURL,
		SessionRedisURL: o.SessionRedisURL,
		AMQPURL:         o.AMQPURL,
	}
	wanted := o.wanted()
	if len(wanted) > 0 {
		started, err := startSet(ctx, o, wanted)
		if err != nil {
			return nil, err
		}
		s.set = started
		started.fill(s)
	}
	if s.SessionRedisURL == "" {
		s.SessionRedisURL = s.RedisURL
	}
	return s, nil
}

// wanted returns the servers to start privately.
func (o Options) wanted() []string {
	var names []string
	if o.DBDSN == "" {
		names = append(names, MariaDB)
	}
	if o.RedisURL == "" {
		names = append(names, Redis)
	}
	if o.AMQPURL == "" {
		names = append(names, RabbitMQ)
	}
	return names
}

// Stop ends our use of the servers that Start started: servers of our own are stopped when it returns,
// shared ones stop after Options.Linger unless others use them. It may be called twice.
func (s *Servers) Stop() error {
	if s.set == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return s.set.stop(ctx)
}

// Kill ends a server with SIGKILL, as a crash would, and returns when it is gone. Errors: ErrNotOurs.
func (s *Servers) Kill(ctx context.Context, name string) error {
	server, err := s.own(name)
	if err != nil {
		return err
	}
	return server.guard.kill(ctx)
}

// StopServer stops a server in order and returns when it is gone. Errors: ErrNotOurs.
func (s *Servers) StopServer(ctx context.Context, name string) error {
	server, err := s.own(name)
	if err != nil {
		return err
	}
	return server.guard.terminate(ctx)
}

// StartServer starts a server again after Kill or StopServer, with the same address and data, and returns
// when it answers. Errors: ErrNotOurs, ErrNotReady.
func (s *Servers) StartServer(ctx context.Context, name string) error {
	server, err := s.own(name)
	if err != nil {
		return err
	}
	return server.start(ctx)
}

func (s *Servers) own(name string) (*server, error) {
	if s.set == nil {
		return nil, ErrNotOurs
	}
	return s.set.own(name)
}
