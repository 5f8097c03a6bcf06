package testenv

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gomodule/redigo/redis"
	amqp "github.com/rabbitmq/amqp091-go"
	"go.uber.org/goleak"
)

// Tests that look for leaks must not find ours.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRedisDatabasesAreEmptyAndApart(t *testing.T) {
	first, second := Redis(t), Redis(t)
	if first == second {
		t.Fatalf("both are %s", first)
	}
	one, two := dialRedis(t, first), dialRedis(t, second)
	defer one.Close()
	defer two.Close()
	if _, err := one.Do("SET", "key", "value"); err != nil {
		t.Fatal(err)
	}
	if size, err := redis.Int(two.Do("DBSIZE")); err != nil || size != 0 {
		t.Errorf("the second has %d keys, %v", size, err)
	}
}

func TestRedisDatabaseIsEmptiedBeforeUse(t *testing.T) {
	var used string
	t.Run("earlier", func(t *testing.T) {
		used = Redis(t)
		conn := dialRedis(t, used)
		defer conn.Close()
		if _, err := conn.Do("SET", "key", "value"); err != nil {
			t.Fatal(err)
		}
	})
	// Mostly this is the same one; another process may have been quicker.
	conn := dialRedis(t, Redis(t))
	defer conn.Close()
	if size, err := redis.Int(conn.Do("DBSIZE")); err != nil || size != 0 {
		t.Errorf("it has %d keys, %v", size, err)
	}
}

func TestVHostsAreApart(t *testing.T) {
	first, second := AMQP(t), AMQP(t)
	if first == second {
		t.Fatalf("both are %s", first)
	}
	one, two := openChannel(t, first), openChannel(t, second)
	if _, err := one.QueueDeclare("queue", true, false, false, false, amqp.Table{"x-queue-type": "quorum"}); err != nil {
		t.Fatal(err)
	}
	if _, err := two.QueueDeclarePassive("queue", true, false, false, false, nil); err == nil {
		t.Error("the queue is in the other vhost, too")
	}
}

func TestVHostIsDeletedAfterTest(t *testing.T) {
	var used string
	t.Run("earlier", func(t *testing.T) { used = AMQP(t) })
	if conn, err := amqp.Dial(used); err == nil {
		conn.Close()
		t.Errorf("%s is still there", used)
	}
}

func openChannel(t *testing.T, address string) *amqp.Channel {
	t.Helper()
	conn, err := amqp.Dial(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	channel, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	return channel
}

func TestClaimsAreReturned(t *testing.T) {
	e := get(t)
	var first int
	t.Run("earlier", func(t *testing.T) {
		first, _ = e.claim(t, t.Name(), "thing", 3, 5)
		if second, _ := e.claim(t, t.Name(), "thing", 3, 5); first != 3 || second != 4 {
			t.Errorf("claimed %d and %d, want 3 and 4", first, second)
		}
	})
	if again, _ := e.claim(t, t.Name()+"/earlier", "thing", 3, 5); again != first {
		t.Errorf("claimed %d, want %d again", again, first)
	}
}

func TestAddresses(t *testing.T) {
	t.Setenv("PIGONAIR_DB_DSN", "general")
	t.Setenv("PIGONAIR_TEST_DB_DSN", "")
	if got := address("DB_DSN"); got != "general" {
		t.Errorf("got %q, want the general one", got)
	}
	t.Setenv("PIGONAIR_TEST_DB_DSN", "for tests")
	if got := address("DB_DSN"); got != "for tests" {
		t.Errorf("got %q, want the one for tests", got)
	}
}

func TestHomeFolder(t *testing.T) {
	top, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(top, "internal", "testenv")); err != nil {
		t.Errorf("%s is not the repository: %v", top, err)
	}
	for variable, want := range map[string]string{
		"":          filepath.Join(top, ".pigonair", "test"),
		"elsewhere": filepath.Join(top, "elsewhere", "test"),
		"/tmp/home": "/tmp/home/test",
	} {
		t.Setenv("PIGONAIR_HOME", variable)
		if got, err := homeFolder(); err != nil || got != want {
			t.Errorf("PIGONAIR_HOME=%q: got %q, %v, want %q", variable, got, err, want)
		}
	}
}
