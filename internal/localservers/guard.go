package localservers

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"pigonair/internal/localservers/filelock"
)

// guardScript is a shell script and not this program run again, so that every program that uses the
// servers, test binaries too, can start it without a hook in its main function.
//
//go:embed guard.sh
var guardScript []byte

// A guard stands between a server and its users. The users hold the writing end of a pipe, the lease; the
// guard's process sees when the last of them is gone, even by kill -9, and stops the server. Guard and
// server hold one file lock, which tells everybody whether anything of them is still alive.
type guard struct {
	dir    string        // where lease, lock and log are
	linger time.Duration // how long the server outlives its last user
	grace  time.Duration // between SIGTERM and SIGKILL

	lease *os.File // our share in it; nil while we are no user
	child int      // process id of the guard, if it is our child and not yet reaped
}

// command is a program to run under a guard, with its whole environment.
type command struct {
	args []string
	env  []string
}

func (g *guard) path(name string) string { return filepath.Join(g.dir, name) }

// start runs the command under a new guard and makes us its first user. Nothing of an earlier guard in the
// same folder may be alive: filelock.ErrHeld.
func (g *guard) start(c command) error {
	lock, err := filelock.Try(g.path("lock"), filelock.Exclusive)
	if err != nil {
		return err
	}
	defer lock.Close()
	log, err := g.newLog()
	if err != nil {
		return err
	}
	defer log.Close()
	reader, writer, err := newLease(g.path("lease"))
	if err != nil {
		return err
	}
	defer reader.Close()
	if err := g.run(c, log, lock, reader); err != nil {
		writer.Close()
		return err
	}
	g.lease = writer
	return nil
}

func (g *guard) run(c command, log, lock, lease *os.File) error {
	script := filepath.Join(filepath.Dir(g.dir), "guard.sh")
	args := []string{script, lease.Name(), seconds(g.linger), seconds(g.grace)}
	cmd := exec.Command("/bin/sh", append(args, c.args...)...)
	cmd.Dir = g.dir
	cmd.Env = c.env
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{lock, lease}
	// A session of its own: Ctrl-C in the terminal reaches us, who then stop the servers in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start guard: %w", err)
	}
	g.child = cmd.Process.Pid
	return cmd.Process.Release()
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Round(time.Second) / time.Second)) }

// newLog opens an empty log, with the one before kept beside it.
func (g *guard) newLog() (*os.File, error) {
	path := g.path("log")
	if err := os.Rename(path, path+".before"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
}

// ended reports whether neither guard nor server is alive.
func (g *guard) ended() bool {
	if g.child != 0 {
		pid, err := syscall.Wait4(g.child, nil, syscall.WNOHANG, nil)
		if pid == g.child || errors.Is(err, syscall.ECHILD) {
			g.child = 0
		}
	}
	probe, err := filelock.Try(g.path("lock"), filelock.Shared)
	if err != nil {
		return errors.Is(err, os.ErrNotExist)
	}
	probe.Close()
	return g.child == 0
}

// terminate stops the server for everybody: SIGTERM, after the grace SIGKILL. It returns when nothing of
// it is left.
func (g *guard) terminate(ctx context.Context) error {
	defer g.release()
	if g.ended() {
		return nil
	}
	for _, pid := range holders(g.path("lock")) {
		// Only the guard, which passes it on: a server that gets two may think it must hurry.
		if group, err := syscall.Getpgid(pid); err == nil && group == pid {
			_ = syscall.Kill(pid, syscall.SIGTERM) // gone already is fine: the lock decides
		}
	}
	if g.awaitEnd(ctx, g.grace) == nil {
		return nil
	}
	return g.kill(ctx)
}

// kill ends server and guard with SIGKILL and returns when nothing of them is left.
func (g *guard) kill(ctx context.Context) error {
	defer g.release()
	for _, pid := range holders(g.path("lock")) {
		_ = syscall.Kill(pid, syscall.SIGKILL) // gone already is fine: the lock decides
	}
	if err := g.awaitEnd(ctx, 10*time.Second); err != nil {
		return fmt.Errorf("processes that use %s do not end: %w", g.dir, err)
	}
	return nil
}

var errStillRunning = errors.New("still running")

func (g *guard) awaitEnd(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errStillRunning)
	defer cancel()
	return poll(ctx, g.ended)
}

// holders returns the processes that have the file open. Where there is no /proc it finds none.
func holders(path string) []int {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/3") // the pattern is well formed
	var pids []int
	for _, link := range links {
		// Another user's process or one that has just ended cannot be read: not ours.
		if target, err := os.Readlink(link); err != nil || target != path {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(link))))
		if err == nil && pid != os.Getpid() {
			pids = append(pids, pid)
		}
	}
	return pids
}

// tail returns the last lines of the server's log.
func (g *guard) tail() string {
	text, err := os.ReadFile(g.path("log"))
	if err != nil {
		return err.Error()
	}
	return lastLines(text)
}
