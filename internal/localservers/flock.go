package localservers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// errLocked says that another process holds the lock.
var errLocked = errors.New("locked by another process")

// tryLock locks the file, creating it if need be, and returns errLocked at once if it cannot.
// The lock ends with the last descriptor of the returned file, also when the process is killed.
func tryLock(path string, how int) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
	if err == nil {
		return file, nil
	}
	file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errLocked
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}

// waitLock is tryLock that waits, until ctx ends, for those who hold the lock.
func waitLock(ctx context.Context, path string, how int) (file *os.File, err error) {
	ended := poll(ctx, func() bool {
		file, err = tryLock(path, how)
		return !errors.Is(err, errLocked)
	})
	if ended != nil {
		return nil, fmt.Errorf("lock %s: %w", path, ended)
	}
	return file, err
}

// pollEvery is short, because a person waits for what is polled here, and each look costs microseconds.
const pollEvery = 20 * time.Millisecond

// poll asks done again and again until it says yes (nil) or ctx ends (its cause). It serves where the
// kernel offers nothing to wait on: locks, and processes that are not our children.
func poll(ctx context.Context, done func() bool) error {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
	return nil
}
