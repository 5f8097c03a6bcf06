package localservers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"
)

const account = "pigonair" // of MariaDB and RabbitMQ; also the name of the database

// mariadb runs a private MariaDB. Root may log in without a password by the socket data/mysqld.sock alone,
// and only as the system user that runs it; programs use the account by TCP.
type mariadb struct {
	dir      string
	programs programs
	ports    ports
	secret   string
	poolMB   int
}

func newMariaDB(dir string, found programs, known ports, poolMB int) (*mariadb, error) {
	secret, err := password(filepath.Join(dir, "password"))
	if err != nil {
		return nil, err
	}
	if poolMB == 0 {
		poolMB = 512
	}
	return &mariadb{dir: dir, programs: found, ports: known, secret: secret, poolMB: poolMB}, nil
}

func (m *mariadb) dsn() string {
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd = account, m.secret
	cfg.Net, cfg.Addr = "tcp", loopback(m.ports[MariaDB])
	cfg.DBName = account
	cfg.ParseTime = true
	return cfg.FormatDSN()
}

func (m *mariadb) prepare(ctx context.Context) (command, error) {
	if err := os.MkdirAll(m.path("tmp"), 0o700); err != nil {
		return command{}, err
	}
	if err := m.install(ctx); err != nil {
		return command{}, err
	}
	// MariaDB refuses to start when a power cut left this log of the transaction coordinator half written.
	// It serves several engines with XA at once, or a binary log, and we use neither.
	if err := os.Remove(m.path("data/tc.log")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return command{}, err
	}
	if err := writeFile(m.path("init.sql"), []byte(m.initSQL())); err != nil {
		return command{}, err
	}
	return command{args: m.args(), env: m.env()}, nil
}

func (m *mariadb) path(name string) string { return filepath.Join(m.dir, filepath.FromSlash(name)) }

func (m *mariadb) env() []string { return cleanEnv("HOME="+m.dir, "TMPDIR="+m.path("tmp")) }

// install makes the data folder. It works beside it and renames at the end: what was interrupted is made
// again from the start.
func (m *mariadb) install(ctx context.Context) error {
	if exists(m.path("data")) {
		return nil
	}
	fresh := m.path("data.new")
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	me, err := user.Current()
	if err != nil {
		return fmt.Errorf("who am I: %w", err)
	}
	args := []string{
		// Relative, because the script cannot cope with a space in the path.
		"--no-defaults", "--datadir=./" + filepath.Base(fresh), "--skip-test-db",
		"--force", // without looking up this machine's name, which need not be known
		"--auth-root-authentication-method=socket", "--auth-root-socket-user=" + me.Username,
		// A third of the time; syncTree writes it all to the disk at the end.
		"--loose-debug-no-sync",
	}
	if err := m.runInstaller(ctx, append(args, asRoot()...)); err != nil {
		return err
	}
	if err := syncTree(fresh); err != nil {
		return err
	}
	return os.Rename(fresh, m.path("data"))
}

func (m *mariadb) runInstaller(ctx context.Context, args []string) error {
	cmd := exec.CommandContext(ctx, m.programs.mariadbInstall, args...)
	cmd.Dir, cmd.Env = m.dir, m.env()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	output, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("mariadb-install-db: %w\n%s", err, lastLines(output))
	}
	return nil
}

// asRoot lets MariaDB stay root if we are: its own user could not reach a home that only root may read.
func asRoot() []string {
	if os.Getuid() == 0 {
		return []string{"--user=root"}
	}
	return nil
}

// initSQL runs at each start before the first connection is accepted.
func (m *mariadb) initSQL() string {
	who := "'" + account + "'@'127.0.0.1'"
	return strings.Join([]string{
		"CREATE DATABASE IF NOT EXISTS " + account + ";",
		"CREATE USER IF NOT EXISTS " + who + ";",
		"ALTER USER " + who + " IDENTIFIED BY '" + m.secret + "';",
		"GRANT ALL PRIVILEGES ON *.* TO " + who + " WITH GRANT OPTION;",
		"",
	}, "\n")
}

func (m *mariadb) args() []string {
	args := []string{
		m.programs.mariadbd,
		"--no-defaults",
		"--datadir=" + m.path("data"),
		"--tmpdir=" + m.path("tmp"),
		"--init-file=" + m.path("init.sql"),
		"--pid-file=" + m.path("data/mysqld.pid"),
		// Relative to the data folder: the kernel takes no more than 107 bytes for a socket's path.
		"--socket=mysqld.sock",
		"--bind-address=127.0.0.1",
		"--port=" + strconv.Itoa(m.ports[MariaDB]),
		"--skip-name-resolve",
		"--max-connections=500",
		"--character-set-server=utf8mb4",
		"--collation-server=utf8mb4_unicode_ci",
		"--default-time-zone=+00:00",
		"--innodb-buffer-pool-size=" + strconv.Itoa(m.poolMB) + "M",
		"--innodb-flush-log-at-trx-commit=1",
		"--innodb-log-file-size=256M",
		"--max-allowed-packet=64M",
		"--performance-schema=ON",
		"--skip-log-bin",
	}
	return append(args, asRoot()...)
}

func (m *mariadb) probe(ctx context.Context) (string, error) {
	cfg, err := mysql.ParseDSN(m.dsn())
	if err != nil {
		return "", err
	}
	cfg.Logger = &mysql.NopLogger{} // failing is normal until the server is there
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return "", err
	}
	pool := sql.OpenDB(connector)
	defer pool.Close()
	var version string
	if err := pool.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version); err != nil {
		return "", err
	}
	version, _, _ = strings.Cut(version, "-")
	return version, nil
}
