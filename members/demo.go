package members

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"pigonair/db"
)

// DemoAccount is a ready log-in of a local run.
type DemoAccount struct {
	Name, Email, Password, Role string
}

// DemoCustomer is the verified customer of a local run.
func DemoCustomer() DemoAccount {
	return DemoAccount{Name: "김비둘", Email: "customer@pigonair.example", Password: "pigeon-to-jeju", Role: RoleCustomer}
}

// DemoOperator is the operator of a local run; no second factor is asked of it.
func DemoOperator() DemoAccount {
	return DemoAccount{Name: "이운영", Email: "operator@pigonair.example", Password: "pigeon-in-tower", Role: RoleAdmin}
}

// EnsureDemo makes the accounts of a local run log in with their passwords, whatever was done to them before.
// Errors: ErrDemoOnly.
func (s *Service) EnsureDemo(ctx context.Context) error {
	if !s.demo {
		return ErrDemoOnly
	}
	for _, a := range []DemoAccount{DemoCustomer(), DemoOperator()} {
		if err := s.ensure(ctx, a); err != nil {
			return fmt.Errorf("members.EnsureDemo(%s): %w", a.Email, err)
		}
	}
	return nil
}

func (s *Service) ensure(ctx context.Context, a DemoAccount) error {
	row, err := db.New(s.pool).MemberByEmail(ctx, a.Email)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	ok, err := s.matches(ctx, a.Password, row.PasswordHash)
	if err != nil || ok && row.Role == a.Role && row.VerifiedAt.Valid && row.TotpSecret == nil {
		return err
	}
	hash, err := s.hash(ctx, a.Password)
	if err != nil {
		return err
	}
	id, err := s.ids.Next(ctx, db.MemberIDs)
	if err != nil {
		return err
	}
	defer s.cache.drop(row.ID)
	return db.New(s.pool).MemberPut(ctx, db.MemberPutParams{
		ID: id, Email: a.Email, EmailKey: a.Email, PasswordHash: hash, Name: a.Name, Role: a.Role,
		Language: "ko", TermsVersion: TermsVersion,
	})
}

// loadChunk is how many members of a load test are written in one transaction.
const loadChunk = 1_000

// EnsureMany returns the first count verified customers of load tests, at most 1,000,000, and makes those that
// are missing. They have no password: such a test begins sessions without logging in. Errors: ErrDemoOnly.
func (s *Service) EnsureMany(ctx context.Context, count int) ([]Member, error) {
	if !s.demo {
		return nil, ErrDemoOnly
	}
	found, err := s.loadMembers(ctx, count)
	if err == nil && len(found) < count {
		if err = s.addLoadMembers(ctx, count, found); err == nil {
			found, err = s.loadMembers(ctx, count)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("members.EnsureMany(%d): %w", count, err)
	}
	return found, nil
}

func loadEmail(n int) string { return fmt.Sprintf("load-%06d@pigonair.example", n) }

func (s *Service) loadMembers(ctx context.Context, count int) ([]Member, error) {
	rows, err := db.New(s.pool).MembersByEmailRange(ctx, loadEmail(0), loadEmail(count-1))
	if err != nil {
		return nil, err
	}
	found := make([]Member, len(rows))
	for i, row := range rows {
		found[i] = view(row)
	}
	return found, nil
}

func (s *Service) addLoadMembers(ctx context.Context, count int, found []Member) error {
	have := map[string]bool{}
	for _, m := range found {
		have[m.Email] = true
	}
	var missing []string
	for n := range count {
		if email := loadEmail(n); !have[email] {
			missing = append(missing, email)
		}
	}
	for len(missing) > 0 {
		n := min(len(missing), loadChunk)
		if err := s.addChunk(ctx, missing[:n]); err != nil {
			return err
		}
		missing = missing[n:]
	}
	return nil
}

func (s *Service) addChunk(ctx context.Context, emails []string) error {
	first, err := s.ids.NextN(ctx, db.MemberIDs, len(emails))
	if err != nil {
		return err
	}
	// READ COMMITTED: only inserts, which leave alone what another process has made meanwhile.
	return db.Transact(ctx, s.pool, sql.LevelReadCommitted, func(ctx context.Context, tx *db.Tx) error {
		for i, email := range emails {
			err := tx.MemberInsertVerified(ctx, db.MemberInsertVerifiedParams{
				ID: first + int64(i), Email: email, EmailKey: email, PasswordHash: noPassword, Name: "Load Test",
				Role: RoleCustomer, Language: "ko", TermsVersion: TermsVersion,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}
