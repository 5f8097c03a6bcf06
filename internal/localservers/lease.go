package localservers

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// join makes us a user of the server that runs already. It reports false if there is none, or if its guard
// has closed the lease and is stopping it.
func (g *guard) join() (bool, error) {
	// Without a guard at the reading end, this fails with ENXIO.
	fd, err := syscall.Open(g.path("lease"), syscall.O_WRONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ENXIO) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("open lease: %w", err)
	}
	lease := os.NewFile(uintptr(fd), g.path("lease"))
	if _, err := lease.Write([]byte("\n")); err != nil {
		lease.Close()
		return false, fmt.Errorf("join lease: %w", err)
	}
	g.lease = lease
	return true, nil
}

// release ends our use. If we were the last user, the guard stops the server after the linger.
func (g *guard) release() {
	if g.lease != nil {
		g.lease.Close()
		g.lease = nil
	}
}

// newLease makes a named pipe and opens both ends.
func newLease(path string) (reader, writer *os.File, err error) {
	for _, old := range []string{path, path + ".closed"} {
		if err := os.Remove(old); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, nil, err
		}
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		return nil, nil, fmt.Errorf("make lease %s: %w", path, err)
	}
	// Non-blocking only for the opening: the guard's shell must wait in its reads.
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("open lease: %w", err)
	}
	if err := syscall.SetNonblock(fd, false); err != nil {
		syscall.Close(fd)
		return nil, nil, fmt.Errorf("open lease: %w", err)
	}
	reader = os.NewFile(uintptr(fd), path)
	writer, err = os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		reader.Close()
		return nil, nil, fmt.Errorf("open lease: %w", err)
	}
	return reader, writer, nil
}
