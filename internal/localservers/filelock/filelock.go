// Package filelock locks files between processes. A lock ends with the process that holds it, however that
// ends; what is in the file does not matter.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// ErrHeld says that somebody else holds the lock.
var ErrHeld = errors.New("locked by another process")

// Kind is how many may hold the lock at once.
type Kind int

const (
	// Exclusive is for one holder.
	Exclusive Kind = syscall.LOCK_EX
	// Shared is for any number of holders, none of them exclusive.
	Shared Kind = syscall.LOCK_SH
)

// retryEvery is short, because a person waits too, and a look costs a microsecond.
const retryEvery = 20 * time.Millisecond

// Try locks the file, which it creates if need be, or returns ErrHeld at once. Closing the returned file
// unlocks it; a child process that inherits the open file keeps the lock as long.
func Try(path string, kind Kind) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), int(kind)|syscall.LOCK_NB)
	if err == nil {
		return file, nil
	}
	file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("%s: %w", path, ErrHeld)
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}

// Wait locks the first of the files that it can, waiting for one to become free, and returns its index.
// Errors: the cause of ctx's end.
func Wait(ctx context.Context, kind Kind, paths ...string) (*os.File, int, error) {
	ticker := time.NewTicker(retryEvery)
	defer ticker.Stop()
	for {
		for i, path := range paths {
			file, err := Try(path, kind)
			if !errors.Is(err, ErrHeld) {
				return file, i, err
			}
		}
		select {
		case <-ctx.Done():
			return nil, 0, fmt.Errorf("lock %v: %w", paths, context.Cause(ctx))
		case <-ticker.C:
		}
	}
}
