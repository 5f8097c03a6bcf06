package flights

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"
)

func TestRecentKeepsUntil(t *testing.T) {
	now := time.Unix(0, 0)
	r := newRecent[int](func() time.Time { return now }, 10)
	loads := 0
	get := func() int {
		v, err := r.get(context.Background(), "k", func(context.Context) (int, time.Time, error) {
			loads++
			return loads, now.Add(time.Second), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for range 2 {
		if v := get(); v != 1 {
			t.Errorf("the fresh value 1 was read again as %d", v)
		}
	}
	now = now.Add(time.Second)
	if get() != 2 {
		t.Error("a value was used that was no longer good")
	}
}

func TestRecentForgetsErrors(t *testing.T) {
	r := newRecent[int](time.Now, 10)
	fault := errors.New("fault")
	for range 2 {
		_, err := r.get(context.Background(), "k", func(context.Context) (int, time.Time, error) { return 0, time.Now().Add(time.Hour), fault })
		if !errors.Is(err, fault) {
			t.Errorf("got %v", err)
		}
	}
	v, err := r.get(context.Background(), "k", func(context.Context) (int, time.Time, error) { return 5, time.Now().Add(time.Hour), nil })
	if v != 5 || err != nil {
		t.Errorf("after the fault: %d, %v", v, err)
	}
}

// A caller who gives up neither waits nor ends the reading for the others.
func TestRecentOutlivesACaller(t *testing.T) {
	r := newRecent[int](time.Now, 10)
	started, finish := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan error)
	go func() {
		_, err := r.get(ctx, "k", func(load context.Context) (int, time.Time, error) {
			close(started)
			<-finish
			return 7, time.Now().Add(time.Hour), load.Err()
		})
		gone <- err
	}()
	<-started
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller who gave up got %v", err)
	}
	close(finish)
	v, err := r.get(context.Background(), "k", func(context.Context) (int, time.Time, error) { return 8, time.Now().Add(time.Hour), nil })
	if err != nil || v != 7 {
		t.Errorf("the next caller got %d, %v; want the reading that went on", v, err)
	}
}

func TestRecentIsBounded(t *testing.T) {
	now := time.Unix(0, 0)
	r := newRecent[int](func() time.Time { return now }, 10)
	for i := range 100 {
		r.keep(strconv.Itoa(i), i, now.Add(time.Hour))
		if len(r.entries) > 10 {
			t.Fatalf("%d entries are kept", len(r.entries))
		}
	}
	clear(r.entries)
	for i := range 10 {
		r.keep(strconv.Itoa(i), i, now.Add(time.Duration(i)*time.Second))
	}
	now = now.Add(5 * time.Second)
	r.keep("new", 1, now.Add(time.Hour))
	if _, ok := r.peek("9"); !ok || len(r.entries) != 5 {
		t.Errorf("%d entries are kept, want the 4 that are still good and the new one", len(r.entries))
	}
}
