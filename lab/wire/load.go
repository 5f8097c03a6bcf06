package wire

import (
	"context"
	"sync"
)

// Load is a closed loop: every connection sends its next request as soon as the last one is answered. It shows
// what a server can do, not how long customers wait.
type Load struct {
	Addr  string
	Conns int
	// Request appends a connection's next request to buf; nil ends the connection's part. It is called by many
	// goroutines at once.
	Request func(buf []byte) []byte
}

// Run sends until ctx ends, and returns how many answers had which status when the last request under way is
// answered. An error of one connection ends them all.
func (l Load) Run(ctx context.Context) (map[int]int, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	total := map[int]int{}
	var mu sync.Mutex
	var done sync.WaitGroup
	var failed error
	for range l.Conns {
		done.Go(func() {
			counts, err := l.one(ctx)
			mu.Lock()
			defer mu.Unlock()
			for status, n := range counts {
				total[status] += n
			}
			if err != nil && failed == nil {
				failed = err
				cancel(err)
			}
		})
	}
	done.Wait()
	return total, failed
}

// one works one connection.
func (l Load) one(ctx context.Context) (map[int]int, error) {
	counts := map[int]int{}
	c, err := Dial(ctx, l.Addr)
	if err != nil {
		if ctx.Err() != nil {
			return counts, nil
		}
		return counts, err
	}
	defer c.Close()
	buf := make([]byte, 0, 1024)
	for ctx.Err() == nil {
		buf = l.Request(buf[:0])
		if buf == nil {
			return counts, nil
		}
		answer, err := c.Do(buf)
		if err != nil {
			return counts, err
		}
		counts[answer.Status]++
	}
	return counts, nil
}
