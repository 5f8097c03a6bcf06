// Package sessions says how scs sessions are kept in Redis: by scs's own store, with every time-out set, reads that
// share their way to Redis, and a codec that writes a session in a few dozen bytes.
package sessions

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/alexedwards/scs/redisstore"
	"github.com/gomodule/redigo/redis"
	"github.com/redis/rueidis"
)

// patience is how long Redis may take to connect, to read or to answer: a dead one must not hang requests.
const patience = 2 * time.Second

// The pool's bounds: requests beyond maxActive wait for a connection instead of opening one.
const (
	maxActive = 64
	maxIdle   = 64
	idleLimit = 4 * time.Minute
)

// keyPrefix is what scs's store puts before the tokens.
const keyPrefix = "scs:session:"

const (
	// cachedFor is how long a session may be answered from memory. Redis tells at once when it changes or goes.
	cachedFor = time.Minute
	// cacheBytes bounds that memory, for each of the two or so connections.
	cacheBytes = 16 << 20
	// justNow is how long this process reads from Redis itself what it has just written: word of the change may still
	// be on its way.
	justNow = time.Second
)

// Store is scs's Redis store, except that reads, of which there is one per request, come from rueidis's client-side
// cache. A read by redigo takes a connection for itself, with a system call and a wake-up each way, which was a sixth
// of what a hold cost.
type Store struct {
	*redisstore.RedisStore
	pool  *redis.Pool
	reads rueidis.Client

	mu      sync.Mutex
	written map[string]time.Time // until when a token is read from Redis itself
	pruned  time.Time
}

// Open returns a store on the Redis at a URL, which has to be there.
func Open(url string) (*Store, error) {
	option, err := rueidis.ParseURL(url)
	if err != nil {
		return nil, err
	}
	option.CacheSizeEachConn, option.DisableRetry = cacheBytes, true
	option.Dialer.Timeout, option.ConnWriteTimeout = patience, patience
	reads, err := rueidis.NewClient(option)
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	pool := &redis.Pool{MaxIdle: maxIdle, MaxActive: maxActive, Wait: true, IdleTimeout: idleLimit,
		DialContext: func(ctx context.Context) (redis.Conn, error) {
			return redis.DialURLContext(ctx, url, redis.DialConnectTimeout(patience), redis.DialReadTimeout(patience), redis.DialWriteTimeout(patience))
		}}
	return &Store{RedisStore: redisstore.NewWithPrefix(pool, keyPrefix), pool: pool, reads: reads, written: map[string]time.Time{}}, nil
}

// Find returns a session's data, and false for a token that is unknown or has run out.
func (s *Store) Find(token string) (data []byte, found bool, err error) {
	ctx := context.Background() // the connection's own time-outs bound it
	key := s.reads.B().Get().Key(keyPrefix + token)
	var answer rueidis.RedisResult
	if s.justWritten(token) {
		answer = s.reads.Do(ctx, key.Build())
	} else {
		answer = s.reads.DoCache(ctx, key.Cache(), cachedFor)
	}
	data, err = answer.AsBytes()
	if rueidis.IsRedisNil(err) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// Commit stores a session until its expiry.
func (s *Store) Commit(token string, data []byte, expiry time.Time) error {
	s.write(token)
	return s.RedisStore.Commit(token, data, expiry)
}

// Delete ends a session; one that is unknown is no error.
func (s *Store) Delete(token string) error {
	s.write(token)
	return s.RedisStore.Delete(token)
}

// write notes that a token is about to change. Those whose time is over are forgotten once a second.
func (s *Store) write(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if now.Sub(s.pruned) > justNow {
		maps.DeleteFunc(s.written, func(_ string, until time.Time) bool { return now.After(until) })
		s.pruned = now
	}
	s.written[token] = now.Add(patience + justNow)
}

func (s *Store) justWritten(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.written) == 0 {
		return false
	}
	until, ok := s.written[token]
	return ok && time.Now().Before(until)
}

// Ping tells whether Redis answers.
func (s *Store) Ping(ctx context.Context) error {
	return s.reads.Do(ctx, s.reads.B().Ping().Build()).Error()
}

// Close ends all connections.
func (s *Store) Close() error {
	s.reads.Close()
	return s.pool.Close()
}
