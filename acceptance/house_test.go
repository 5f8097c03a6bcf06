// Package acceptance drives the whole program, started as a user starts it, with a real Chromium.
package acceptance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"pigonair/internal/localservers"
)

// ready is what the demo writes once everything answers.
type ready struct {
	BaseURL         string   `json:"base_url"`
	Instances       []string `json:"instances"`
	DBDSN           string   `json:"db_dsn"`
	RedisURL        string   `json:"redis_url"`
	SessionRedisURL string   `json:"session_redis_url"`
	GatewayURL      string   `json:"gateway_url"`
	MailboxURL      string   `json:"mailbox_url"`
	Customer        account  `json:"customer"`
	Operator        account  `json:"operator"`
	Sale            string   `json:"sale"`
	WaitingSale     string   `json:"waiting_sale"`
	Flight          string   `json:"flight"`
	SaleFlight      string   `json:"sale_flight"`
}

type account struct{ Email, Password string }

// world is shared by the tests of this package: one demo, one browser program.
type world struct {
	ready
	chromium string
	home     string
	program  string
}

var house world

func TestMain(m *testing.M) {
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "acceptance tests:", err)
		code = 1
	}
	os.Exit(code)
}

func runAll(m *testing.M) (code int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	if house.chromium, err = localservers.Chromium(ctx, os.Stderr); err != nil {
		return 1, err
	}
	if house.home, err = testHome(); err != nil {
		return 1, err
	}
	program, err := build(ctx)
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(filepath.Dir(program))
	house.program = program
	demo, err := startDemo(ctx, program)
	if err != nil {
		return 1, err
	}
	code = m.Run()
	return code, errors.Join(stopDemo(demo), noRaces())
}

// testHome is the folder of this package's servers and data, beside those of the other tests.
func testHome() (string, error) {
	home := os.Getenv("PIGONAIR_HOME")
	if home == "" {
		home = filepath.Join("..", ".pigonair")
	}
	return filepath.Abs(filepath.Join(home, "acceptance"))
}

// build makes the program with the race detector: a race in any of its processes fails the run.
func build(ctx context.Context) (string, error) {
	dir, err := os.MkdirTemp("", "pigonair")
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "pigonair")
	out, err := exec.CommandContext(ctx, "go", "build", "-race", "-o", program, "../cmd/pigonair").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return program, nil
}

func startDemo(ctx context.Context, program string) (*exec.Cmd, error) {
	if err := os.MkdirAll(house.home, 0o755); err != nil {
		return nil, err
	}
	file := filepath.Join(house.home, "ready.json")
	_ = os.Remove(file)
	var log bytes.Buffer
	cmd := exec.Command(program, "demo", "--fresh", "--size", "small", "--instances", "2", "--home", house.home, "--addr", "127.0.0.1:0", "--ready-file", file)
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.Env = append(os.Environ(), "PIGONAIR_DB_DSN=", "PIGONAIR_REDIS_URL=", "PIGONAIR_SESSION_REDIS_URL=", "PIGONAIR_AMQP_URL=")
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		select {
		case err := <-ended:
			return nil, fmt.Errorf("demo ended: %w\n%s", err, log.String())
		case <-ctx.Done():
			return nil, fmt.Errorf("demo is not ready: %w\n%s", ctx.Err(), log.String())
		case <-tick.C:
			content, err := os.ReadFile(file)
			if err == nil {
				tick.Stop()
				go func() { <-ended }()
				return cmd, json.Unmarshal(content, &house.ready)
			}
		}
	}
}

// stopDemo stops it as Ctrl-C does and checks that it leaves nothing behind.
func stopDemo(cmd *exec.Cmd) error {
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		return err
	}
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if cmd.Process.Signal(syscall.Signal(0)) != nil {
			return left()
		}
	}
	_ = cmd.Process.Kill()
	return errors.New("the demo does not stop")
}

// left names processes that still work in the demo's folder.
func left() error {
	commands, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return err
	}
	for _, path := range commands {
		line, err := os.ReadFile(path)
		if err == nil && bytes.Contains(line, []byte(house.home)) && !bytes.Contains(line, []byte("chromium")) {
			return fmt.Errorf("left behind: %s", bytes.ReplaceAll(line, []byte{0}, []byte{' '}))
		}
	}
	return nil
}

// noRaces looks into the logs of the demo's processes.
func noRaces() error {
	logs, err := filepath.Glob(filepath.Join(house.home, "demo", "logs", "*.log"))
	if err != nil {
		return err
	}
	for _, path := range logs {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if at := bytes.Index(content, []byte("DATA RACE")); at >= 0 {
			return fmt.Errorf("%s:\n%s", path, content[at:min(len(content), at+4000)])
		}
		if at := bytes.Index(content, []byte(`"msg":"panic"`)); at >= 0 {
			return fmt.Errorf("%s:\n%s", path, content[at:min(len(content), at+2000)])
		}
	}
	return nil
}

// letter is a mail in the mailbox.
type letter struct {
	Subject, Text string
	Attachments   []struct {
		Name string
		Size int
	}
}

// mailTo waits for a mail to an address whose subject or text contains a word.
func mailTo(t *testing.T, address, word string) letter {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		answer, err := http.Get(house.MailboxURL + "/messages.json?to=" + address)
		if err != nil {
			t.Fatal(err)
		}
		var letters []letter
		err = json.NewDecoder(answer.Body).Decode(&letters)
		answer.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range letters {
			if strings.Contains(l.Subject+l.Text, word) {
				return l
			}
		}
	}
	t.Fatalf("no mail to %s with %q", address, word)
	return letter{}
}
