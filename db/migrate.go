package db

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// SchemaFS holds the numbered migrations.
func SchemaFS() fs.FS {
	sub, err := fs.Sub(schemaFiles, "schema")
	if err != nil {
		panic(err) // the folder is embedded: it cannot be missing
	}
	return sub
}

// Migrate brings the schema to the newest version and reports how many migrations it applied. Run it in one
// process at a time, before others start: MySQL has no transactional DDL that would guard two of them.
func Migrate(ctx context.Context, pool *sql.DB) (int, error) {
	provider, err := goose.NewProvider(goose.DialectMySQL, pool, SchemaFS())
	if err != nil {
		return 0, fmt.Errorf("db.Migrate: %w", err)
	}
	applied, err := provider.Up(ctx)
	if err != nil {
		return len(applied), fmt.Errorf("db.Migrate: %w", err)
	}
	return len(applied), nil
}

// Pending tells whether migrations are missing, so that a server started too early can wait for them.
func Pending(ctx context.Context, pool *sql.DB) (bool, error) {
	provider, err := goose.NewProvider(goose.DialectMySQL, pool, SchemaFS())
	if err != nil {
		return false, fmt.Errorf("db.Pending: %w", err)
	}
	pending, err := provider.HasPending(ctx)
	if err != nil {
		return false, fmt.Errorf("db.Pending: %w", err)
	}
	return pending, nil
}
