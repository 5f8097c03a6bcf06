package payment_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// meetings counts which actions really happened in the middle of which.
type meetings struct {
	mu    sync.Mutex
	count map[string]int
}

func (m *meetings) note(pair string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count[pair]++
}

// String lists the pairs, the rarest first.
func (m *meetings) String() string {
	pairs := slices.SortedFunc(maps.Keys(m.count), func(a, b string) int {
		if m.count[a] != m.count[b] {
			return m.count[a] - m.count[b]
		}
		return strings.Compare(a, b)
	})
	var text strings.Builder
	for _, pair := range pairs {
		fmt.Fprintf(&text, "%6d  %s\n", m.count[pair], pair)
	}
	return text.String()
}
