package localservers

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
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
	if left := processes(t, g.dir); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
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
	if err := second.start(script(`true`)); !errors.Is(err, errLocked) {
		t.Errorf("got %v, want errLocked", err)
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

// TestGuardLetsInWhoSlipsThroughTheDoor holds many users against a guard that looks all the time whether
// it may stop: whoever joined keeps the server.
func TestGuardLetsInWhoSlipsThroughTheDoor(t *testing.T) {
	g := newGuard(t, 0, time.Second)
	checkError(t, g.start(script(`exec sleep 100`)))
	for range 300 {
		next := &guard{dir: g.dir, grace: time.Second}
		g.release()
		joined, err := next.join()
		if err != nil {
			t.Fatal(err)
		}
		if !joined {
			checkEnds(t, g, 5*time.Second)
			checkError(t, g.start(script(`exec sleep 100`)))
			continue
		}
		// The pipe must be back in its place, or stay there.
		if err := poll(t.Context(), func() bool { return exists(next.path("lease")) || g.ended() }); err != nil || g.ended() {
			t.Fatalf("the server ended although it has a user: %v", err)
		}
		next.child, g.child = g.child, 0
		g.lease = next.lease
		g.child = next.child
	}
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
