package localservers

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// programs are the paths of what we run; empty if not installed.
type programs struct {
	mariadbd       string
	mariadbInstall string
	redis          string
	rabbitmq       string // the real script, not Debian's wrapper, which insists on its own user and folders
	epmd           string
	setpriv        string // of util-linux; optional
}

func findPrograms() programs {
	return programs{
		mariadbd:       find("mariadbd"),
		mariadbInstall: find("mariadb-install-db"),
		redis:          find("redis-server"),
		rabbitmq:       findRabbitMQ(),
		epmd:           find("epmd", "/usr/lib/erlang/bin/epmd", "/usr/lib/erlang/erts-*/bin/epmd"),
		setpriv:        findSetpriv(),
	}
}

// missing returns the packages to install for the wanted servers.
func (p programs) missing(wanted []string) []string {
	var packages []string
	for _, name := range wanted {
		if !p.have(name) {
			packages = append(packages, name+"-server") // so Debian calls all three
		}
	}
	return packages
}

func (p programs) have(name string) bool {
	switch name {
	case MariaDB:
		return p.mariadbd != "" && p.mariadbInstall != ""
	case Redis:
		return p.redis != ""
	default:
		return p.rabbitmq != "" && p.epmd != ""
	}
}

// find looks in the PATH, in the folders for administrators, which people often do not have in theirs, and
// at the places given.
func find(name string, places ...string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, folder := range []string{"/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin"} {
		if path := filepath.Join(folder, name); executable(path) {
			return path
		}
	}
	return newest(places...)
}

// newest returns the program that matches the first pattern that any matches; of several versions the
// last by name.
func newest(patterns ...string) string {
	for _, pattern := range patterns {
		paths, _ := filepath.Glob(pattern) // the patterns are well formed
		for i := len(paths) - 1; i >= 0; i-- {
			if executable(paths[i]) {
				return paths[i]
			}
		}
	}
	return ""
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

func findRabbitMQ() string {
	if path := newest("/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server"); path != "" {
		return path
	}
	path, err := filepath.EvalSymlinks(find("rabbitmq-server"))
	if err != nil || filepath.Base(path) != "rabbitmq-server" {
		return ""
	}
	return path
}

// findSetpriv finds the program that makes a server die with its guard, if it can do that: BusyBox' cannot.
func findSetpriv() string {
	path := find("setpriv")
	if path == "" || exec.Command(path, "--pdeathsig", "TERM", "true").Run() != nil {
		return ""
	}
	return path
}

// cleanEnv is the whole environment of a server: nothing in ours may change what it does.
func cleanEnv(more ...string) []string {
	path := "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	if ours := os.Getenv("PATH"); ours != "" {
		path = strings.TrimSuffix(ours, ":") + ":" + path
	}
	return append([]string{"PATH=" + path, "LANG=C.UTF-8"}, more...)
}
