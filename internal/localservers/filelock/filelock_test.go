package filelock_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"pigonair/internal/localservers/filelock"
)

func TestTry(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	first, err := filelock.Try(path, filelock.Shared)
	if err != nil {
		t.Fatal(err)
	}
	second, err := filelock.Try(path, filelock.Shared)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := filelock.Try(path, filelock.Exclusive); !errors.Is(err, filelock.ErrHeld) {
		t.Errorf("exclusive beside shared: %v, want ErrHeld", err)
	}
	first.Close()
	second.Close()
	third, err := filelock.Try(path, filelock.Exclusive)
	if err != nil {
		t.Fatal(err)
	}
	third.Close()
}

func TestWait(t *testing.T) {
	folder := t.TempDir()
	paths := []string{filepath.Join(folder, "1"), filepath.Join(folder, "2")}
	first, got, err := filelock.Wait(t.Context(), filelock.Exclusive, paths...)
	if err != nil || got != 0 {
		t.Fatalf("got file %d, %v; want the first", got, err)
	}
	defer first.Close()
	second, got, err := filelock.Wait(t.Context(), filelock.Exclusive, paths...)
	if err != nil || got != 1 {
		t.Fatalf("got file %d, %v; want the second", got, err)
	}
	go second.Close()
	third, got, err := filelock.Wait(t.Context(), filelock.Exclusive, paths...)
	if err != nil || got != 1 {
		t.Fatalf("got file %d, %v; want the one that became free", got, err)
	}
	defer third.Close()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := filelock.Wait(ended, filelock.Exclusive, paths...); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}
