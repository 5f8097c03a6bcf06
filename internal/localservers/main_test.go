package localservers

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ownerVariable makes the test binary a user of servers in a process of its own, which tests may kill.
const ownerVariable = "LOCALSERVERS_TEST_OWNER"

func TestMain(m *testing.M) {
	if options := os.Getenv(ownerVariable); options != "" {
		if err := own(options); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// own starts servers, tells their addresses on standard output, and stops them when standard input ends.
func own(options string) error {
	var o Options
	if err := json.Unmarshal([]byte(options), &o); err != nil {
		return err
	}
	servers, err := Start(context.Background(), o)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(servers); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return servers.Stop()
}

// owner is a process that uses servers.
type owner struct {
	cmd   *exec.Cmd
	stdin io.Closer
	lines *bufio.Scanner
}

// startOwner starts a process that will use servers; it does not wait for them.
func startOwner(t *testing.T, o Options) *owner {
	t.Helper()
	options, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), ownerVariable+"="+string(options))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // long gone if the test succeeds
	return &owner{cmd: cmd, stdin: stdin, lines: bufio.NewScanner(stdout)}
}

// servers waits until the process has its servers.
func (o *owner) servers(t *testing.T) Servers {
	t.Helper()
	var s Servers
	if !o.lines.Scan() {
		t.Fatalf("the process has no servers: %v", o.lines.Err())
	}
	if err := json.Unmarshal(o.lines.Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func (o *owner) stop(t *testing.T) {
	t.Helper()
	o.stdin.Close()
	if err := o.cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func (o *owner) kill(t *testing.T) {
	t.Helper()
	if err := o.cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = o.cmd.Wait() // it says that we killed it
}

// processes returns the command lines of all processes that work in the folder.
func processes(t *testing.T, folder string) []string {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, link := range links {
		cwd, err := os.Readlink(link)
		if err != nil || !strings.HasPrefix(cwd, folder) {
			continue
		}
		line, err := os.ReadFile(filepath.Join(filepath.Dir(link), "cmdline"))
		if err == nil && len(line) > 0 { // else it has ended since
			found = append(found, string(line))
		}
	}
	return found
}

// awaitNone waits until no process works in the folder any more.
func awaitNone(t *testing.T, folder string, patience time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if poll(ctx, func() bool { return len(processes(t, folder)) == 0 }) != nil {
		t.Errorf("still running after %v: %q", patience, processes(t, folder))
	}
}

func mustStart(t *testing.T, o Options) *Servers {
	t.Helper()
	o.Progress = t.Output()
	servers, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := servers.Stop(); err != nil {
			t.Error(err)
		}
	})
	return servers
}
