package flights

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// How old cached days may be: those asked for, and those that only show their lowest price.
const (
	askedAge  = time.Second
	aroundAge = 10 * time.Second
)

const (
	// cacheWait bounds how long a search waits for Redis; then the database answers.
	cacheWait = 100 * time.Millisecond
	// cacheRest is how long Redis is left alone after it did not answer.
	cacheRest = time.Second
	// keptDays bounds the decoded days that a process keeps.
	keptDays = 8192
)

// dayFacts are the flights of one route on one local date as they were read.
type dayFacts struct {
	flights []flightFacts
	read    time.Time // by this process's clock
}

// dayCache keeps days of routes: in Redis for all instances, with rueidis's client-side caching in front,
// and in this process for when Redis is away. It never decides anything: a day that it does not have, or
// not recent enough, is read from the database.
type dayCache struct {
	redis  rueidis.Client // may be nil
	prefix string
	now    func() time.Time

	mu      sync.Mutex
	local   map[string]dayFacts
	decoded map[string]decodedDay
	resting time.Time // Redis is left alone until then
}

// decodedDay remembers what a text from Redis means: the same text comes back until the day changes.
type decodedDay struct {
	text    string
	flights []flightFacts
}

func newDayCache(redis rueidis.Client, prefix string, now func() time.Time) *dayCache {
	return &dayCache{redis: redis, prefix: prefix, now: now,
		local: map[string]dayFacts{}, decoded: map[string]decodedDay{}}
}

// get returns the days it has by key, none older than aroundAge.
func (c *dayCache) get(ctx context.Context, keys []string) map[string]dayFacts {
	found := c.fromRedis(ctx, keys)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range keys {
		local, ok := c.local[k]
		if ok && c.now().Sub(local.read) < aroundAge && local.read.After(found[k].read) {
			found[k] = local
		}
	}
	return found
}

func (c *dayCache) fromRedis(ctx context.Context, keys []string) map[string]dayFacts {
	found := map[string]dayFacts{}
	if !c.redisAwake() {
		return found
	}
	ctx, cancel := context.WithTimeout(ctx, cacheWait)
	defer cancel()
	commands := make([]rueidis.CacheableTTL, len(keys))
	for i, k := range keys {
		commands[i] = rueidis.CT(c.redis.B().Get().Key(c.prefix+k).Cache(), aroundAge)
	}
	for i, result := range c.redis.DoMultiCache(ctx, commands...) {
		text, err := result.ToString()
		switch {
		case rueidis.IsRedisNil(err):
		case err != nil:
			c.rest()
		default:
			// What is left of the key's life tells its age without comparing two clocks.
			age := aroundAge - time.Duration(result.CachePTTL())*time.Millisecond
			if flights, ok := c.decode(keys[i], text); ok && age >= 0 {
				found[keys[i]] = dayFacts{flights: flights, read: c.now().Add(-age)}
			}
		}
	}
	return found
}

// decode reads a cached text, or remembers what it said the last time.
func (c *dayCache) decode(key, text string) ([]flightFacts, bool) {
	c.mu.Lock()
	known, ok := c.decoded[key]
	c.mu.Unlock()
	if ok && known.text == text { // at once when it is the very string
		return known.flights, true
	}
	var flights []flightFacts
	if json.Unmarshal([]byte(text), &flights) != nil {
		return nil, false // of another version of the program: the database answers
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.decoded) >= keptDays {
		clear(c.decoded)
	}
	c.decoded[key] = decodedDay{text, flights}
	return flights, true
}

// put keeps days that were read from the database at one instant.
func (c *dayCache) put(ctx context.Context, days map[string][]flightFacts, read time.Time) {
	c.putLocal(days, read)
	if !c.redisAwake() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, cacheWait)
	defer cancel()
	var commands rueidis.Commands
	for key, flights := range days {
		text, err := json.Marshal(flights)
		if err != nil {
			continue // cannot happen with these types; the local copy serves
		}
		life := aroundAge - c.now().Sub(read)
		commands = append(commands, c.redis.B().Set().Key(c.prefix+key).Value(string(text)).Px(life).Build())
	}
	for _, result := range c.redis.DoMulti(ctx, commands...) {
		if result.Error() != nil {
			c.rest()
		}
	}
}

func (c *dayCache) putLocal(days map[string][]flightFacts, read time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.local)+len(days) > keptDays {
		clear(c.local)
	}
	for key, flights := range days {
		c.local[key] = dayFacts{flights: flights, read: read}
	}
}

// justRead returns a span of days if this process has read all of them less than askedAge ago.
func (c *dayCache) justRead(r route, days span) (map[Date][]flightFacts, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[Date][]flightFacts{}
	for _, d := range days.days() {
		local, ok := c.local[r.key(d)]
		if !ok || c.now().Sub(local.read) >= askedAge {
			return nil, false
		}
		out[d] = local.flights
	}
	return out, true
}

func (c *dayCache) redisAwake() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.redis != nil && !c.now().Before(c.resting)
}

func (c *dayCache) rest() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.resting = c.now().Add(cacheRest)
}
