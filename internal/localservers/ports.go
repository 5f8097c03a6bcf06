package localservers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
)

// Ports are taken from below Linux' ephemeral range (32768 and up): there, some outgoing connection could
// sit on a server's port just when the server wants it back.
const (
	firstPort = 20000
	lastPort  = 32000
)

// ports remembers which listener has which port, so that addresses stay the same from run to run.
type ports map[string]int

// loadPorts reads the remembered ports; a missing or damaged file is no reason not to start.
func loadPorts(path string) (ports, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ports{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read ports: %w", err)
	}
	known := ports{}
	if err := json.Unmarshal(text, &known); err != nil {
		return ports{}, nil
	}
	return known, nil
}

func (p ports) save(path string) error {
	text, err := json.MarshalIndent(p, "", "\t")
	if err != nil {
		return fmt.Errorf("save ports: %w", err)
	}
	return writeFile(path, append(text, '\n'))
}

// assign gives each listener its remembered port if that is free, else another one that is.
func (p ports) assign(listeners ...string) error {
	for _, name := range listeners {
		if p[name] != 0 && portFree(p[name]) {
			continue
		}
		port, err := p.pick()
		if err != nil {
			return err
		}
		p[name] = port
	}
	return nil
}

// errNoPort cannot happen on a machine that still works.
var errNoPort = errors.New("no free port on 127.0.0.1")

func (p ports) pick() (int, error) {
	for range 1000 {
		port := firstPort + rand.IntN(lastPort-firstPort)
		if !p.has(port) && portFree(port) {
			return port, nil
		}
	}
	return 0, errNoPort
}

func (p ports) has(port int) bool {
	for _, taken := range p {
		if taken == port {
			return true
		}
	}
	return false
}

func portFree(port int) bool {
	listener, err := net.Listen("tcp4", loopback(port))
	if err != nil {
		return false
	}
	listener.Close()
	return true
}

func loopback(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }
