package waitingroom

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

//go:embed lua/*.lua
var luaFiles embed.FS

// errRebuild: the room's data are not there, or belong to another run of Redis that may have had more.
var errRebuild = errors.New("waitingroom: room needs rebuilding")

// errLease: another process rebuilds the room.
var errLease = errors.New("waitingroom: somebody else rebuilds the room")

// storeTimeout bounds one call of a script; it is far above what a healthy Redis needs.
const storeTimeout = 2 * time.Second

// store runs the scripts. room.lua stands before each of them.
type store struct {
	client rueidis.Client
	prefix string
	// clock replaces Redis' clock in tests, in milliseconds; nil in earnest.
	clock func() int64

	enter, step, ops, config, note, wipe, restore, begin *rueidis.Lua
}

func newStore(client rueidis.Client, prefix string) (*store, error) {
	s := &store{client: client, prefix: prefix}
	common, err := luaFiles.ReadFile("lua/room.lua")
	if err != nil {
		return nil, err
	}
	for name, script := range map[string]**rueidis.Lua{
		"enter": &s.enter, "step": &s.step, "ops": &s.ops, "config": &s.config,
		"note": &s.note, "wipe": &s.wipe, "restore": &s.restore, "begin": &s.begin,
	} {
		own, err := luaFiles.ReadFile("lua/" + name + ".lua")
		if err != nil {
			return nil, err
		}
		*script = rueidis.NewLuaScript(string(common) + "\n" + string(own))
	}
	return s, nil
}

// key names a room; the braces keep all keys of a sale on one node of a cluster.
func (s *store) key(sale int64, epoch int) string {
	return fmt.Sprintf("%s:{%d}:%d", s.prefix, sale, epoch)
}

// run calls a script on a room. Errors: errRebuild, errLease, or ErrFrozen when Redis does not answer.
func (s *store) run(ctx context.Context, script *rueidis.Lua, key string, args ...string) (rueidis.RedisMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	clock := ""
	if s.clock != nil {
		clock = strconv.FormatInt(s.clock(), 10)
	}
	answer, err := script.Exec(ctx, s.client, []string{key}, append([]string{clock}, args...)).ToMessage()
	if err == nil || rueidis.IsRedisNil(err) {
		return answer, nil
	}
	if refused, ok := rueidis.IsRedisErr(err); ok {
		switch {
		case strings.Contains(refused.Error(), "REBUILD"):
			return answer, errRebuild
		case strings.Contains(refused.Error(), "LEASE"):
			return answer, errLease
		}
	}
	return answer, fmt.Errorf("%w: %w", ErrFrozen, err)
}

// ints runs a script whose answer is a list of whole numbers.
func (s *store) ints(ctx context.Context, script *rueidis.Lua, key string, args ...string) ([]int64, error) {
	answer, err := s.run(ctx, script, key, args...)
	if err != nil {
		return nil, err
	}
	return answer.AsIntSlice()
}

func itoa[T ~int | ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }

func millis(t time.Time) int64 { return t.UnixMilli() }

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}
