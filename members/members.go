// Package members keeps the accounts of customers and operators: sign-up with a verified address, log-in,
// passwords, limits on attempts, and what a session needs to know about its owner. It knows neither pages nor cookies.
package members

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/redis/rueidis"

	"pigonair/db"
)

// Roles of members. Everybody but a customer is an operator.
const (
	RoleCustomer   = "customer"
	RoleSupport    = "support"
	RoleRevenue    = "revenue"
	RoleOperations = "operations"
	RoleAdmin      = "admin"
)

// Versions of what a member agrees to. Raise one whenever its text changes.
const (
	TermsVersion     = "2026-11-01"
	MarketingVersion = "2026-11-01"
)

// Member is an account as everybody but this package sees it: without its password.
type Member struct {
	ID           int64
	Name         string
	Email        string // as typed at sign-up
	Role         string
	Language     string // ko or en
	Verified     bool   // has opened a link sent to Email
	Marketing    bool   // agreed to offers by mail
	SecondFactor bool   // logs in with a one-time code as well
	// SessionEpoch is raised when older sessions have to end: a session begun under another epoch is over.
	SessionEpoch int
}

// IsOperator tells whether the member works for the shop.
func (m Member) IsOperator() bool { return m.Role != RoleCustomer }

// Options are what a Service works with.
type Options struct {
	Pool  *sql.DB
	IDs   *db.IDs
	Redis rueidis.Client
	// Keys returns the signing keys for one purpose, at least 32 bytes each: the first signs, all verify.
	Keys func(purpose string) [][]byte
	// Demo allows EnsureDemo and EnsureMany, and lifts the limits for callers on loopback.
	Demo bool
	// RedisPrefix stands before every key; empty except where tests share a Redis.
	RedisPrefix string
	Hasher      Hasher           // nil: Argon2id
	Gate        GateLimits       // zero values: the defaults
	Clock       func() time.Time // nil: time.Now
}

// Service is the use cases around accounts. It is safe for concurrent use.
type Service struct {
	pool     *sql.DB
	ids      *db.IDs
	hasher   Hasher
	gate     *gate
	throttle throttle
	cache    *cache
	clock    func() time.Time
	demo     bool

	linkKeys, deviceKeys, sealKeys [][]byte

	// resetFloor is the least time that RequestReset takes, so that it tells nothing by its speed.
	resetFloor time.Duration
}

// New returns a Service. Errors: a purpose without a key.
func New(o Options) (*Service, error) {
	s := &Service{
		pool: o.Pool, ids: o.IDs, demo: o.Demo, hasher: o.Hasher, clock: o.Clock,
		throttle:   newThrottle(o.Redis, o.RedisPrefix),
		linkKeys:   o.Keys("member link"),
		deviceKeys: o.Keys("member device"),
		sealKeys:   o.Keys("member second factor"),
		resetFloor: 250 * time.Millisecond,
	}
	if len(s.linkKeys) == 0 || len(s.deviceKeys) == 0 || len(s.sealKeys) == 0 {
		return nil, errors.New("members.New: no signing key")
	}
	if s.hasher == nil {
		s.hasher = Argon2id{}
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	s.gate, s.cache = newGate(o.Gate, s.clock), newCache(s.clock)
	return s, nil
}

// Get returns a member, at most cacheLife old, usually without asking the database: every page with a
// session calls it. Errors: ErrUnknown.
func (s *Service) Get(ctx context.Context, id int64) (Member, error) {
	return s.cache.get(ctx, id, s.load)
}

// load reads a member as it is now. Errors: ErrUnknown.
func (s *Service) load(ctx context.Context, id int64) (Member, error) {
	row, err := db.New(s.pool).MemberGet(ctx, id)
	if errors.Is(err, sql.ErrNoRows) {
		return Member{}, ErrUnknown
	}
	if err != nil {
		return Member{}, fmt.Errorf("members.Get(%d): %w", id, err)
	}
	return view(row), nil
}

func view(row db.Member) Member {
	return Member{
		ID: row.ID, Name: row.Name, Email: row.Email, Role: row.Role, Language: row.Language,
		Verified:     row.VerifiedAt.Valid,
		Marketing:    row.MarketingVersion != "",
		SecondFactor: row.TotpSecret != nil,
		SessionEpoch: row.SessionEpoch,
	}
}

// unlimited tells whether limits by address, account or time are off for a caller: only in a demo, only on
// this machine.
func (s *Service) unlimited(from netip.Addr) bool {
	return s.demo && from.Unmap().IsLoopback()
}
