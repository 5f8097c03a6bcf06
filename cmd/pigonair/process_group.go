package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// processGroup runs this program's other commands as processes of their own. Each is in a process group of its
// own, so that Ctrl-C in the terminal reaches us only and we stop them in order; each holds a pipe to us and stops
// when we are gone, however we went. One that ends by itself is started again.
type processGroup struct {
	logs string
	errs io.Writer

	mu       sync.Mutex
	stopping bool
	running  []*process
}

type process struct {
	args []string
	env  []string
	cmd  *exec.Cmd
	ours *os.File // the end of the pipe that we hold
	done chan struct{}
}

// restartPause keeps a process that cannot start from spinning.
const restartPause = 500 * time.Millisecond

// stopLimit is how long a process may take to stop before it is killed.
const stopLimit = 30 * time.Second

func (g *processGroup) start(args, env []string) error {
	if err := os.MkdirAll(g.logs, 0o755); err != nil {
		return err
	}
	p := &process{args: args, env: env, done: make(chan struct{})}
	if err := g.launch(p); err != nil {
		return err
	}
	g.running = append(g.running, p)
	go g.keep(p)
	return nil
}

func (g *processGroup) launch(p *process) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(g.logs, p.args[0]+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	theirs, ours, err := os.Pipe()
	if err != nil {
		return err
	}
	defer theirs.Close()
	cmd := exec.Command(program, p.args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.Env = append(p.env, followVariable+"=3")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		_ = ours.Close()
		return fmt.Errorf("start %s: %w", p.args[0], err)
	}
	p.cmd, p.ours = cmd, ours
	return nil
}

// keep starts a process again whenever it ends, until the group stops.
func (g *processGroup) keep(p *process) {
	defer close(p.done)
	for {
		err := p.cmd.Wait()
		_ = p.ours.Close()
		if g.isStopping() {
			return
		}
		fmt.Fprintf(g.errs, "%s ended (%v); starting it again\n", p.args[0], err)
		time.Sleep(restartPause)
		if !g.relaunch(p) {
			return
		}
	}
}

func (g *processGroup) isStopping() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.stopping
}

// relaunch starts a process again unless the group stops; false means that it will not run any more.
func (g *processGroup) relaunch(p *process) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopping {
		return false
	}
	if err := g.launch(p); err != nil {
		fmt.Fprintf(g.errs, "%s cannot be started: %v\n", p.args[0], err)
		return false
	}
	return true
}

// wait returns when ctx ends.
func (g *processGroup) wait(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// stop asks the processes to stop, last started first, and waits for each.
func (g *processGroup) stop() {
	g.mu.Lock()
	g.stopping = true // from here on nobody changes p.cmd
	g.mu.Unlock()
	for i := len(g.running) - 1; i >= 0; i-- {
		p := g.running[i]
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.done:
		case <-time.After(stopLimit):
			_ = p.cmd.Process.Kill()
			<-p.done
		}
	}
}
