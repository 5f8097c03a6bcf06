package config

import (
	"encoding/base64"
	"strings"
	"testing"
)

func load(t *testing.T, env map[string]string, args ...string) (Config, error) {
	t.Helper()
	fs, load := FlagSet("serve", func(k string) string { return env[k] })
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	return load()
}

func TestFlagBeatsEnvironmentBeatsDefault(t *testing.T) {
	t.Parallel()
	c, err := load(t, map[string]string{"PIGONAIR_ADDR": "127.0.0.1:1", "PIGONAIR_DB_POOL": "3"}, "--addr", "127.0.0.1:2")
	if err != nil || c.Addr != "127.0.0.1:2" || c.DBPool != 3 || c.HoldMinutes != 15 {
		t.Fatalf("got %+v, %v", c, err)
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := load(t, map[string]string{"PIGONAIR_MODE": "test", "PIGONAIR_DB_POOL": "many", "PIGONAIR_REDIS_URL": "nowhere"})
	for _, name := range []string{"PIGONAIR_MODE", "PIGONAIR_DB_POOL", "PIGONAIR_REDIS_URL"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in %v", name, err)
		}
	}
}

func TestProductionNeedsHTTPSAndEveryServer(t *testing.T) {
	t.Parallel()
	c, err := load(t, map[string]string{"PIGONAIR_BASE_URL": "http://shop.example"})
	if err != nil {
		t.Fatal(err)
	}
	err = c.CheckServing()
	for _, name := range []string{"PIGONAIR_DB_DSN", "PIGONAIR_SECRET_KEYS", "PIGONAIR_BASE_URL", "PIGONAIR_PORTONE_WEBHOOK_SECRETS"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in %v", name, err)
		}
	}
}

func TestKeysOfTwoPurposesDiffer(t *testing.T) {
	t.Parallel()
	keys, err := ParseSecretKeys("a:" + base64.StdEncoding.EncodeToString(make([]byte, 32)))
	if err != nil {
		t.Fatal(err)
	}
	if string(keys.Derive("pass")[0].Bytes) == string(keys.Derive("ticket")[0].Bytes) {
		t.Fatal("one key for two purposes")
	}
	if _, err := ParseSecretKeys("a:c2hvcnQ="); err == nil {
		t.Fatal("a short key was accepted")
	}
}
