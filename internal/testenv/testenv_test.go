package testenv_test

import (
	"database/sql"
	"fmt"
	"os"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/gomodule/redigo/redis"
	amqp "github.com/rabbitmq/amqp091-go"

	"pigonair/db"
	"pigonair/internal/testenv"
)

func TestDatabasesAreMigratedAndApart(t *testing.T) {
	one, two := testenv.DB(t), testenv.DB(t)
	for _, pool := range []*sql.DB{one, two} {
		if pending, err := db.Pending(t.Context(), pool); err != nil || pending {
			t.Errorf("migrations are missing: %t, %v", pending, err)
		}
	}
	var first, second string
	for pool, name := range map[*sql.DB]*string{one: &first, two: &second} {
		if err := pool.QueryRowContext(t.Context(), "SELECT DATABASE()").Scan(name); err != nil {
			t.Fatal(err)
		}
	}
	if first == second {
		t.Errorf("both are %s", first)
	}
}

// TestDatabaseIsReused has an earlier test leave everything behind that it can.
func TestDatabaseIsReused(t *testing.T) {
	var dsn string
	t.Run("earlier", func(t *testing.T) {
		dsn = testenv.DSN(t)
		pool, err := db.Open(dsn, db.Pool{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { pool.Close() })
		before := definition(t, pool)
		fill(t, pool)
		conn, err := pool.Conn(t.Context()) // with a lock, never closed by the test
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{"BEGIN", "SELECT * FROM id_block FOR UPDATE"} {
			if _, err := conn.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		_ = before
	})
	t.Run("later", func(t *testing.T) {
		if again := testenv.DSN(t); again != dsn {
			t.Skip()
		}
	})
}

func TestX(t *testing.T) { fmt.Println(os.Getpid()) }
var _ = mysql.NewConfig
var _ redis.Conn
var _ amqp.Queue
func fill(t *testing.T, p *sql.DB){}
func definition(t *testing.T, p *sql.DB) string { return "" }
