package localservers

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"pigonair/internal/localservers/filelock"
)

// newGuard returns a guard in a folder of its own, with its script beside.
func newGuard(t *testing.T, linger, grace time.Duration) *guard {
	t.Helper()
	home := t.TempDir()
	checkError(t, os.WriteFile(filepath.Join(home, "guard.sh"), guardScript, 0o600))
	g := &guard{dir: filepath.Join(home, "server"), linger: linger, grace: grace}
	checkError(t, os.Mkdir(g.dir, 0o700))
	t.Cleanup(func() {
		if err := g.kill(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	return g
}

// script is a server that says when it has begun.
func script(text string) command {
	return command{args: []string{"/bin/sh", "-c", text}, env: os.Environ()}
}

func awaitFile(t *testing.T, path string) {
	t.Helper()
	if err := poll(t.Context(), func() bool { return exists(path) }); err != nil {
		t.Fatalf("no %s: %v", path, err)
	}
}

func checkEnds(t *testing.T, g *guard, within time.Duration) {
	t.Helper()
	if err := g.awaitEnd(t.Context(), within); err != nil {
		t.Errorf("after %v: %v", within, err)
	}
	awaitNone(t, g.dir, 5*time.Second) // the guard may have left a "sleep 1"
}

func TestGuardStopsServerWithoutUsers(t *testing.T) {
	g := newGuard(t, 0, 20*time.Second)
	checkError(t, g.start(script(`trap 'touch term; exit' TERM; touch begun; while :; do sleep 0.1; done`)))
	awaitFile(t, g.path("begun"))
	g.release()
	if err := g.awaitEnd(t.Context(), 10*time.Second); err != nil {
		t.Fatal(err)
	}
	if !exists(g.path("term")) {
		t.Error("the server did not get SIGTERM")
	}
}

func TestGuardKillsServerThatIgnoresTerm(t *testing.T) {
	g := newGuard(t, 0, time.Second)
	checkError(t, g.start(script(`trap '' TERM; touch begun; exec sleep 100`)))
	awaitFile(t, g.path("begun"))
	g.release()
	checkEnds(t, g, 10*time.Second)
}

func TestGuardEndsWithServer(t *testing.T) {
	g := newGuard(t, 10*time.Second, time.Second)
	checkError(t, g.start(script(`exit 3`)))
	checkEnds(t, g, 5*time.Second)
	if joined, err := g.join(); joined || err != nil {
		t.Errorf("joined %t, %v; want no server to join", joined, err)
	}
}

func TestGuardRefusesSecondServer(t *testing.T) {
	g := newGuard(t, 0, time.Second)
	checkError(t, g.start(script(`exec sleep 100`)))
	second := &guard{dir: g.dir, grace: time.Second}
	if err := second.start(script(`true`)); !errors.Is(err, filelock.ErrHeld) {
		t.Errorf("got %v, want filelock.ErrHeld", err)
	}
}

func TestGuardKeepsServerForUserWhoJoins(t *testing.T) {
	g := newGuard(t, 0, time.Second)
	checkError(t, g.start(script(`exec sleep 100`)))
	second := &guard{dir: g.dir, grace: time.Second}
	if joined, err := second.join(); !joined || err != nil {
		t.Fatalf("joined %t, %v", joined, err)
	}
	g.release()
	if err := g.awaitEnd(t.Context(), 300*time.Millisecond); !errors.Is(err, errStillRunning) {
		t.Errorf("the server ended although it has a user: %v", err)
	}
	second.release()
	checkEnds(t, g, 5*time.Second)
}

// TestGuardAndUserAtTheDoor lets a user come at the moment when the last one goes. Either it finds the
// door shut, or the server stays for it.
func TestGuardAndUserAtTheDoor(t *testing.T) {
	g := newGuard(t, 0, time.Second)
	stayed, shut := 0, 0
	for i := range 60 {
		if g.lease == nil {
			checkError(t, g.start(script(`exec sleep 100`)))
		}
		g.release()
		// The guard takes about 2 ms to see that nobody is left, to shut the door and to look again.
		for arrive := time.Now().Add(time.Duration(i) * 50 * time.Microsecond); time.Now().Before(arrive); {
			runtime.Gosched()
		}
		joined, err := g.join()
		checkError(t, err)
		if !joined {
			shut++
			checkError(t, g.awaitEnd(t.Context(), 5*time.Second))
			continue
		}
		stayed++
		if err := g.awaitEnd(t.Context(), 3*pollEvery); !errors.Is(err, errStillRunning) {
			t.Fatalf("the server ended although it has a user: %v", err)
		}
	}
	t.Logf("the server stayed %d times; the door was shut %d times", stayed, shut)
}

func TestServerDiesWithItsGuard(t *testing.T) {
	setpriv := findSetpriv()
	if setpriv == "" {
		t.Fatal("setpriv of util-linux is not installed")
	}
	g := newGuard(t, 0, time.Second)
	c := script(`touch begun; exec sleep 100`)
	c.args = append([]string{setpriv, "--pdeathsig", "TERM"}, c.args...)
	checkError(t, g.start(c))
	awaitFile(t, g.path("begun"))
	checkError(t, syscall.Kill(g.child, syscall.SIGKILL))
	g.release()
	checkEnds(t, g, 5*time.Second)
}
