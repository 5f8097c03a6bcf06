// Package processes runs this program's own commands as processes beside it: the demo's servers and the lab's.
// Each stops when we are gone, however we went.
package processes

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// Group is a set of processes that end together. Each is in a process group of its own, so that Ctrl-C in the
// terminal reaches us only and we stop them in order.
type Group struct {
	Logs  string    // folder for one log file per command
	Again io.Writer // if set, a process that ends by itself is started again, and this is told so

	mu       sync.Mutex
	stopping bool
	running  []*Process
}

// Process is one command that runs.
type Process struct {
	args []string
	env  []string
	cmd  *exec.Cmd
	ours *os.File // the end of the pipe that we hold
	once sync.Once
	done chan struct{}
}

// restartPause keeps a process that cannot start from spinning.
const restartPause = 500 * time.Millisecond

// stopLimit is how long a process may take to stop before it is killed.
const stopLimit = 30 * time.Second

// Start runs this program with args and the environment env.
func (g *Group) Start(args, env []string) (*Process, error) {
	if err := os.MkdirAll(g.Logs, 0o755); err != nil {
		return nil, err
	}
	p := &Process{args: args, env: env, done: make(chan struct{})}
	if err := g.launch(p); err != nil {
		return nil, err
	}
	g.running = append(g.running, p)
	go g.keep(p)
	return p, nil
}

func (g *Group) launch(p *Process) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(g.Log(p.args[0]), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
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

// Log is the file that a command's processes write to.
func (g *Group) Log(command string) string { return filepath.Join(g.Logs, command+".log") }

// keep waits for a process's end and starts it again, if the group does that, until the group stops.
func (g *Group) keep(p *Process) {
	defer close(p.done)
	for {
		err := p.cmd.Wait()
		_ = p.ours.Close()
		if g.Again == nil || g.isStopping() {
			return
		}
		fmt.Fprintf(g.Again, "%s ended (%v); starting it again\n", p.args[0], err)
		time.Sleep(restartPause)
		if !g.relaunch(p) {
			return
		}
	}
}

func (g *Group) isStopping() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.stopping
}

// relaunch starts a process again unless the group stops; false means that it will not run any more.
func (g *Group) relaunch(p *Process) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopping {
		return false
	}
	if err := g.launch(p); err != nil {
		fmt.Fprintf(g.Again, "%s cannot be started: %v\n", p.args[0], err)
		return false
	}
	return true
}

// Stop asks the processes to stop, last started first, and waits for each. It may be called twice.
func (g *Group) Stop() {
	g.mu.Lock()
	g.stopping = true // from here on nobody changes a process's cmd
	g.mu.Unlock()
	for i := len(g.running) - 1; i >= 0; i-- {
		g.running[i].Stop()
	}
}

// Stop asks a process of a group that starts nothing again to stop, and waits for it. It may be called twice.
func (p *Process) Stop() {
	p.once.Do(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.done:
		case <-time.After(stopLimit):
			_ = p.cmd.Process.Kill()
			<-p.done
		}
	})
}

// PID is the process's number in a group that starts nothing again.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended for good.
func (p *Process) Done() <-chan struct{} { return p.done }
