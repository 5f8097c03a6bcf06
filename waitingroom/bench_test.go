package waitingroom

import (
	"context"
	"testing"
)

// BenchmarkPoll is one poll of somebody who waits: no store is asked.
func BenchmarkPoll(b *testing.B) {
	l := newLine(b, 0, 0, 0)
	c := l.joinMany(1, 3)[2]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.rooms.Poll(context.Background(), c.ticket, 0); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRedisBytesPerCustomer joins very many and reports what one costs in Redis' memory.
func BenchmarkRedisBytesPerCustomer(b *testing.B) {
	const members = 200_000
	for b.Loop() {
		l := newLine(b, 0, 0, 0)
		used := func() int64 {
			var total int64
			for _, k := range l.keys() {
				n, err := l.redis.Do(context.Background(), l.redis.B().MemoryUsage().Key(k).Samples(0).Build()).AsInt64()
				if err != nil {
					b.Fatal(err)
				}
				total += n + 90 // the key's own entry
			}
			return total
		}
		before := used()
		for first := int64(1); first < members; first += 200 {
			visits := make([]visit, 200)
			for i := range visits {
				visits[i] = visit{member: first + int64(i), wants: true}
			}
			if _, err := l.room().enter(context.Background(), visits); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(used()-before)/members, "bytes/customer")
	}
}
