package localservers

import (
	"fmt"
	"io"
	"sync"
)

// progress writes whole lines for people, from several goroutines.
type progress struct {
	mu  sync.Mutex
	out io.Writer // nil: say nothing
}

func (p *progress) say(format string, args ...any) {
	if p.out == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	// Who does not listen any more does not keep the servers from starting.
	_, _ = fmt.Fprintf(p.out, format+"\n", args...)
}
