package lab

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/redis/rueidis"
	"golang.org/x/sync/errgroup"

	"pigonair/db"
	"pigonair/waitingroom"
)

// queueBytesPerCustomer asks how much of Redis' memory one of a million customers in line takes.
var queueBytesPerCustomer = benchmark{"queue_bytes_per_customer", "B", "<= 64", func(ctx context.Context, b *bench) (float64, string, error) {
	h, err := b.open(ctx, "queue", nil)
	if err != nil {
		return 0, "", err
	}
	defer h.close()
	q, err := h.openQueue(ctx)
	if err != nil {
		return 0, "", err
	}
	defer q.close()
	before, err := redisMemory(b.servers.RedisURL)
	if err != nil {
		return 0, "", err
	}
	began := time.Now()
	if err := q.joinMillion(ctx); err != nil {
		return 0, "", err
	}
	took := time.Since(began)
	after, err := redisMemory(b.servers.RedisURL)
	if err != nil {
		return 0, "", err
	}
	return float64(after-before) / million, fmt.Sprintf("used_memory grew from %d to %d bytes with %d customers, who joined at %.0f/s",
		before, after, million, million/took.Seconds()), nil
}}

const (
	million = 1_000_000
	// joinersAtOnce is how many press the button at the same time: more than a script takes at once.
	joinersAtOnce = 1024
)

// queue is the waiting sale's line, served in this very process.
type queue struct {
	sale  int64
	redis rueidis.Client
	pool  *sql.DB
	rooms *waitingroom.Rooms
}

// openQueue returns when the line can be joined.
func (h *house) openQueue(ctx context.Context) (*queue, error) {
	option, err := rueidis.ParseURL(h.servers.RedisURL)
	if err != nil {
		return nil, err
	}
	keys, err := waitingroom.NewKeys([]waitingroom.Key{{ID: "lab", Secret: make([]byte, 32)}})
	if err != nil {
		return nil, err
	}
	q := &queue{}
	if q.redis, err = rueidis.NewClient(option); err != nil {
		return nil, err
	}
	if q.pool, err = db.Open(h.dsn, db.Pool{MaxOpen: 8}); err == nil {
		q.rooms, err = waitingroom.New(waitingroom.Options{Redis: q.redis, DB: q.pool, Keys: keys, Serves: true})
	}
	if err == nil {
		err = q.start(ctx)
	}
	if err != nil {
		q.close()
		return nil, err
	}
	return q, nil
}

func (q *queue) start(ctx context.Context) error {
	if err := q.pool.QueryRowContext(ctx, "SELECT id FROM sale WHERE slug = ?", waitingSale).Scan(&q.sale); err != nil {
		return err
	}
	if err := q.rooms.Start(ctx); err != nil {
		return err
	}
	return q.rooms.Ready(ctx, q.sale)
}

func (q *queue) close() {
	if q.rooms != nil {
		q.rooms.Stop()
	}
	if q.pool != nil {
		_ = q.pool.Close() // what is not committed goes with the benchmark
	}
	q.redis.Close()
}

// joinMillion puts members 1 to a million into the line.
func (q *queue) joinMillion(ctx context.Context) error {
	var last atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range joinersAtOnce {
		group.Go(func() error {
			for {
				member := last.Add(1)
				if member > million {
					return nil
				}
				if _, err := q.rooms.Join(ctx, q.sale, member, nil); err != nil {
					return fmt.Errorf("member %d joins: %w", member, err)
				}
			}
		})
	}
	return group.Wait()
}

var usedMemory = regexp.MustCompile(`used_memory:(\d+)`)

// redisMemory is what Redis has allocated, in bytes: data, buffers, scripts.
func redisMemory(url string) (int64, error) {
	conn, err := redis.DialURL(url, redis.DialConnectTimeout(5*time.Second), redis.DialReadTimeout(30*time.Second))
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	info, err := redis.String(conn.Do("INFO", "memory"))
	if err != nil {
		return 0, err
	}
	found := usedMemory.FindStringSubmatch(info)
	if found == nil {
		return 0, fmt.Errorf("INFO memory has no used_memory: %q", info)
	}
	return strconv.ParseInt(found[1], 10, 64)
}
