// Package sessions says how scs sessions are kept in Redis: the connections of scs's own store, with every time-out
// set, and a codec that writes a session in a few dozen bytes.
package sessions

import (
	"context"
	"time"

	"github.com/gomodule/redigo/redis"
)

// patience is how long Redis may take to connect, to read or to answer: a dead one must not hang requests.
const patience = 2 * time.Second

// The pool's bounds: requests beyond maxActive wait for a connection instead of opening one.
const (
	maxActive = 64
	maxIdle   = 64
	idleLimit = 4 * time.Minute
)

// Pool returns connections to the Redis at a URL for scs/redisstore. It connects with the first use.
func Pool(url string) *redis.Pool {
	return &redis.Pool{MaxIdle: maxIdle, MaxActive: maxActive, Wait: true, IdleTimeout: idleLimit,
		DialContext: func(ctx context.Context) (redis.Conn, error) {
			return redis.DialURLContext(ctx, url, redis.DialConnectTimeout(patience), redis.DialReadTimeout(patience), redis.DialWriteTimeout(patience))
		}}
}

// Ping tells whether the Redis behind a pool answers.
func Ping(ctx context.Context, pool *redis.Pool) error {
	conn, err := pool.GetContext(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = redis.DoContext(conn, ctx, "PING")
	return err
}
