package localservers

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// installScript runs as root, so it is one script: sudo is asked for it once.
//
//go:embed install.sh
var installScript string

// installer installs Debian packages.
type installer struct {
	root string // "" for this machine
	uid  int
	// lookPath finds apt-get and sudo.
	lookPath func(string) (string, error)
	// run runs a command to its end and returns its output.
	run func(ctx context.Context, args ...string) ([]byte, error)
}

func newInstaller() installer {
	return installer{uid: os.Getuid(), lookPath: exec.LookPath, run: runToEnd}
}

// installPackages installs packages on this machine and leaves no service of theirs started or enabled.
func installPackages(ctx context.Context, say *progress, packages []string) error {
	return newInstaller().install(ctx, say, packages)
}

func (i installer) install(ctx context.Context, say *progress, packages []string) error {
	names := strings.Join(packages, " ")
	byHand := "apt-get install -y --no-install-recommends " + names
	if _, err := i.lookPath("apt-get"); err != nil {
		return fmt.Errorf("%w, and there is no apt-get here: install what Debian calls %s", ErrNotInstalled, names)
	}
	prefix, ok := i.rights(ctx)
	if !ok {
		return fmt.Errorf("%w: %s. Run this, then try again: sudo %s", ErrNotInstalled, names, byHand)
	}
	say.say("Installing with apt: %s. No service is started or enabled. This takes a minute or two…", names)
	began := time.Now()
	args := append(prefix, "/bin/sh", "-c", installScript, "install", i.root)
	output, err := i.run(ctx, append(args, packages...)...)
	if err != nil {
		return fmt.Errorf("%w: %s (%w). Try it by hand: sudo %s\n%s",
			ErrNotInstalled, names, err, byHand, lastLines(output))
	}
	say.say("Installed %s (%.0f s)", names, time.Since(began).Seconds())
	return nil
}

// rights returns how to run a command as root without asking anybody.
func (i installer) rights(ctx context.Context) ([]string, bool) {
	if i.uid == 0 {
		return nil, true
	}
	sudo, err := i.lookPath("sudo")
	if err != nil {
		return nil, false
	}
	_, err = i.run(ctx, sudo, "-n", "true")
	return []string{sudo, "-n"}, err == nil
}

// runToEnd runs a command. When ctx ends it asks the command to stop and lets it clean up: a half
// configured package is worse than waiting.
func runToEnd(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	// Ctrl-C in the terminal must not hit apt in the middle of its work.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	output, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return output, context.Cause(ctx)
	}
	return output, err
}

// lastLines returns the end of a program's output, where it says what went wrong.
func lastLines(output []byte) string {
	const count = 15
	lines := bytes.Split(bytes.TrimSpace(output), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-count):], []byte("\n")))
}
