// Package testenv gives each test a database, a Redis database and a broker vhost of its own, on servers
// that all test processes of a checkout share: those that the environment names, else private ones that
// start with the first use and stop some seconds after the last test process has ended, however it ended.
// What is missing fails the test; nothing is ever skipped.
package testenv

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pigonair/internal/localservers"
	"pigonair/internal/localservers/filelock"
)

// environment is the servers and what this process knows about them.
type environment struct {
	home    string // for lock files, beside the servers' own folder
	servers *localservers.Servers

	template func() (*template, error) // made with the first use of a database
}

// shared lives as long as the process, as its share in the servers does: that ends with it and needs no
// call at the end of the tests.
var shared = sync.OnceValues(start)

// startWithin leaves room for the installation of the servers.
const startWithin = 15 * time.Minute

func start() (*environment, error) {
	home, err := homeFolder()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	servers, err := localservers.Start(ctx, localservers.Options{
		Home:            home,
		Progress:        os.Stderr,
		DBDSN:           address("DB_DSN"),
		RedisURL:        address("REDIS_URL"),
		SessionRedisURL: address("SESSION_REDIS_URL"),
		AMQPURL:         address("AMQP_URL"),
		Shared:          true,
		Management:      true,
	})
	if err != nil {
		return nil, fmt.Errorf("servers for tests: %w", err)
	}
	e := &environment{home: home, servers: servers}
	e.template = sync.OnceValues(e.openTemplate)
	return e, nil
}

// address returns a server's address from the environment: one for tests goes before one for everything.
func address(name string) string {
	return cmp.Or(os.Getenv("PIGONAIR_TEST_"+name), os.Getenv("PIGONAIR_"+name))
}

// homeFolder is the folder "test" in PIGONAIR_HOME or in .pigonair at the top of the repository.
func homeFolder() (string, error) {
	top, err := repository()
	if err != nil {
		return "", err
	}
	home := cmp.Or(os.Getenv("PIGONAIR_HOME"), ".pigonair")
	if !filepath.IsAbs(home) {
		home = filepath.Join(top, home)
	}
	return filepath.Join(home, "test"), nil
}

var errNoRepository = errors.New("no go.mod above the working folder")

// repository returns the top folder of the checkout; each test runs in the folder of its package.
func repository() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		above := filepath.Dir(folder)
		if above == folder {
			return "", errNoRepository
		}
		folder = above
	}
}

func get(t testing.TB) *environment {
	t.Helper()
	e, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// lockFolder is for lock files that have to do with one server: a given one may be another tomorrow.
func (e *environment) lockFolder(server string) (string, error) {
	folder := filepath.Join(e.home, "locks", digest(server))
	return folder, os.MkdirAll(folder, 0o700)
}

// claim makes one of the numbers from to limit-1 of a server ours until the test ends, waiting for one to
// become free. A process that is killed gives back what it has claimed. The file is the number's lock; the
// caller may keep notes in it.
func (e *environment) claim(t testing.TB, server, kind string, from, limit int) (int, *os.File) {
	t.Helper()
	folder, err := e.lockFolder(server)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for number := from; number < limit; number++ {
		paths = append(paths, filepath.Join(folder, fmt.Sprintf("%s-%d", kind, number)))
	}
	lock, index, err := filelock.Wait(t.Context(), filelock.Exclusive, paths...)
	if err != nil {
		t.Fatalf("claim a %s: %v", kind, err)
	}
	t.Cleanup(func() { lock.Close() })
	return from + index, lock
}

// digest makes a short name that differs where the parts do.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:4])
}
