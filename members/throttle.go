package members

import (
	"context"
	"crypto/sha256"
	_ "embed" // the scripts
	"encoding/base64"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/redis/rueidis"
)

//go:embed throttle.lua
var takeSource string

//go:embed throttle_return.lua
var returnSource string

//go:embed throttle_budget.lua
var budgetSource string

// limit is one growing delay: after free attempts each further one doubles the wait, from one second up to
// longest. It never blocks for good: after longest at most, the next attempt is looked at.
type limit struct {
	key     string
	free    int
	longest time.Duration
}

const (
	// limitMemory is how long failed attempts are remembered after the last of them.
	limitMemory = time.Hour
	// limitLongest is the longest wait between two attempts of one caller.
	limitLongest = time.Minute
	// limitTimeout bounds a call to Redis, so that a hanging one becomes ErrAway.
	limitTimeout = 2 * time.Second
)

// throttle keeps limits in Redis, so that they hold over all instances, each change in one script.
type throttle struct {
	redis                                  rueidis.Client
	prefix                                 string
	takeScript, returnScript, budgetScript *rueidis.Lua
}

func newThrottle(redis rueidis.Client, prefix string) throttle {
	return throttle{
		redis: redis, prefix: prefix,
		takeScript:   rueidis.NewLuaScript(takeSource),
		returnScript: rueidis.NewLuaScript(returnSource),
		budgetScript: rueidis.NewLuaScript(budgetSource),
	}
}

// take uses one attempt under all limits, before its outcome is known, so that attempts at the same time do
// not slip through together. Errors: a *WaitError of ErrThrottled, ErrAway.
func (t throttle) take(ctx context.Context, limits []limit) error {
	if len(limits) == 0 {
		return nil
	}
	var args []string
	for _, l := range limits {
		args = append(args, strconv.Itoa(l.free), millis(l.longest))
	}
	return t.ask(ctx, t.takeScript, t.keys(limits), append(args, millis(limitMemory)))
}

// giveBack undoes take.
func (t throttle) giveBack(ctx context.Context, limits []limit) error {
	if len(limits) == 0 {
		return nil
	}
	return t.ask(ctx, t.returnScript, t.keys(limits), nil)
}

// succeed forgets the past of the caller's own limit, the first, and gives back the attempt under the others.
func (t throttle) succeed(ctx context.Context, limits []limit) error {
	if len(limits) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, limitTimeout)
	defer cancel()
	if err := t.redis.Do(ctx, t.redis.B().Del().Key(t.prefix+limits[0].key).Build()).Error(); err != nil {
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	return t.giveBack(ctx, limits[1:])
}

// spend uses one of many per window. Errors: a *WaitError of ErrThrottled, ErrAway.
func (t throttle) spend(ctx context.Context, key string, many int, window time.Duration) error {
	return t.ask(ctx, t.budgetScript, []string{t.prefix + key}, []string{strconv.Itoa(many), millis(window)})
}

// ask runs a script that answers with the milliseconds to wait.
func (t throttle) ask(ctx context.Context, script *rueidis.Lua, keys, args []string) error {
	ctx, cancel := context.WithTimeout(ctx, limitTimeout)
	defer cancel()
	wait, err := script.Exec(ctx, t.redis, keys, args).AsInt64()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	if wait > 0 {
		return &WaitError{Reason: ErrThrottled, Wait: time.Duration(wait) * time.Millisecond}
	}
	return nil
}

func (t throttle) keys(limits []limit) []string {
	keys := make([]string, len(limits))
	for i, l := range limits {
		keys[i] = t.prefix + l.key
	}
	return keys
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// loginLimits are the limits of an attempt to log in. A device on which the member has logged in before has
// a limit of its own, so that strangers who guess cannot keep the owner out. Everybody else is limited by
// account and address and, against guessing from many addresses, by account alone. The first limit is the
// caller's own. The keys hold no address in clear and share a hash tag, as a cluster wants it.
func loginLimits(email Email, from netip.Addr, device string) []limit {
	account := "member:login:{" + digest(email.Key) + "}"
	if device != "" {
		return []limit{{key: account + ":device:" + device, free: 10, longest: time.Minute}}
	}
	return []limit{
		{key: account + ":from:" + digest(network(from)), free: 5, longest: time.Minute},
		{key: account + ":all", free: 100, longest: 30 * time.Second},
	}
}

// network is what an address counts as: itself, or in IPv6 its /64, of which one customer has all.
func network(from netip.Addr) string {
	from = from.Unmap().WithZone("")
	if from.Is6() {
		if p, err := from.Prefix(64); err == nil {
			return p.String()
		}
	}
	return from.String()
}

// digest shortens a value to what a key needs, and hides it.
func digest(v string) string {
	sum := sha256.Sum256([]byte(v))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// Uses per window and network of what makes us send mail or hash passwords for strangers. Mobile carriers
// put many customers behind one address, so this only stops machines.
const (
	budgetUses   = 300
	budgetWindow = 10 * time.Minute
)

// budget spends one use of what by from. Errors: a *WaitError of ErrThrottled, ErrAway.
func (s *Service) budget(ctx context.Context, what string, from netip.Addr) error {
	if s.unlimited(from) {
		return nil
	}
	return s.throttle.spend(ctx, "member:"+what+":"+digest(network(from)), budgetUses, budgetWindow)
}
