package localservers

import (
	"net"
	"os"
	"path/filepath"
	"testing"
)

func TestPortsAreRemembered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ports.json")
	first, err := loadPorts(path)
	checkError(t, err)
	checkError(t, first.assign("a", "b"))
	if first["a"] == first["b"] {
		t.Errorf("both have port %d", first["a"])
	}
	checkError(t, first.save(path))
	second, err := loadPorts(path)
	checkError(t, err)
	listener, err := net.Listen("tcp4", loopback(first["a"]))
	checkError(t, err)
	defer listener.Close()
	checkError(t, second.assign("a", "b"))
	if second["a"] == first["a"] {
		t.Error("a got a port that is taken")
	}
	if second["b"] != first["b"] {
		t.Errorf("b got port %d, had %d", second["b"], first["b"])
	}
}

func TestDamagedPortsAreForgotten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ports.json")
	checkError(t, os.WriteFile(path, []byte(`{"a": 2`), 0o600))
	known, err := loadPorts(path)
	if err != nil || len(known) != 0 {
		t.Errorf("got %v, %v", known, err)
	}
}
