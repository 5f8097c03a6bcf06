// Package sessions keeps scs sessions in Redis. Many requests that come at once share a round trip (rueidis sends
// what waits together), and a session is a few dozen bytes that are read without reflection: with a connection per
// request and gob, the session cost more than everything else that a hold costs a web process.
package sessions

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/rueidis"
)

// prefix stands before the token in every key; its number is the codec's form.
const prefix = "session1:"

// patience is how long Redis may take to connect, to read or to answer: a dead one must not hang requests.
const patience = 2 * time.Second

// batching is how long a request may be kept back so that others go with it.
const batching = 50 * time.Microsecond

// Store is the sessions in one Redis. It is an scs.CtxStore, safe for concurrent use.
type Store struct{ redis rueidis.Client }

// Open connects to the Redis at a URL. Errors: a URL that is none, or a Redis that does not answer.
func Open(url string) (*Store, error) {
	option, err := rueidis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("sessions.Open: %w", err)
	}
	option.Dialer.Timeout = patience
	option.ConnWriteTimeout = patience
	option.MaxFlushDelay = batching
	option.DisableCache = true
	// A retry would last as long as the request that waits for it.
	option.DisableRetry = true
	client, err := rueidis.NewClient(option)
	if err != nil {
		return nil, fmt.Errorf("sessions.Open: %w", err)
	}
	return &Store{client}, nil
}

// Close ends the connections.
func (s *Store) Close() { s.redis.Close() }

// FindCtx returns the session of a token, or false.
func (s *Store) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	b, err := s.redis.Do(ctx, s.redis.B().Get().Key(prefix+token).Build()).AsBytes()
	if rueidis.IsRedisNil(err) {
		return nil, false, nil
	}
	return b, err == nil, err
}

// CommitCtx stores a session until expiry.
func (s *Store) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	return s.redis.Do(ctx, s.redis.B().Set().Key(prefix+token).Value(rueidis.BinaryString(b)).PxatMillisecondsTimestamp(expiry.UnixMilli()).Build()).Error()
}

// DeleteCtx forgets a session; one that does not exist is no error.
func (s *Store) DeleteCtx(ctx context.Context, token string) error {
	return s.redis.Do(ctx, s.redis.B().Del().Key(prefix+token).Build()).Error()
}

// Find is FindCtx for callers without a context.
func (s *Store) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx for callers without a context.
func (s *Store) Commit(token string, b []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expiry)
}

// Delete is DeleteCtx for callers without a context.
func (s *Store) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
