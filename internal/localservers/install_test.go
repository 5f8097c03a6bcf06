package localservers

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// machine is a folder that looks like a machine's root to install.sh, with programs that write down how
// they are called instead of doing anything.
type machine struct {
	root string
	t    *testing.T
}

// fakeApt acts as apt-get does for a package with a service: it starts it unless the policy forbids, and
// enables it.
const fakeApt = `#!/bin/sh
root=ROOT
echo "apt-get $*" >>"$root/calls"
case $1 in
update) touch "$root/var/lib/apt/lists/x_Packages"; exit;;
esac
touch "$root/began"
while [ -e "$root/wait" ]; do sleep 0.02; done
if [ -e "$root/broken" ]; then rm "$root/broken"; echo "E: no such file"; exit 100; fi
"$root/usr/sbin/policy-rc.d" redis-server start || echo "policy says $?" >>"$root/calls"
ln -s /lib/systemd/system/redis-server.service "$root/etc/systemd/system/redis.service"
ln -s /lib/systemd/system/redis-server.service "$root/etc/systemd/system/multi-user.target.wants/"
ln -s ../init.d/redis-server "$root/etc/rc2.d/S01redis-server"
`

const fakeTool = `#!/bin/sh
echo "${0##*/} $*" >>ROOT/calls
`

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{root: t.TempDir(), t: t}
	for _, folder := range []string{
		"bin", "run/lock", "usr/sbin", "etc/rc2.d", "etc/systemd/system/multi-user.target.wants", "var/lib/apt/lists",
	} {
		checkError(t, os.MkdirAll(m.path(folder), 0o755))
	}
	m.write("bin/apt-get", fakeApt)
	m.write("bin/systemctl", fakeTool)
	m.write("bin/update-rc.d", fakeTool)
	// Somebody's own service, which stays as it is.
	m.write("etc/systemd/system/multi-user.target.wants/ssh.service", "")
	checkError(t, os.Symlink("/lib/ssh.service", m.path("etc/systemd/system/sshd.service")))
	t.Setenv("PATH", m.path("bin")+":"+os.Getenv("PATH"))
	return m
}

func (m *machine) path(name string) string { return filepath.Join(m.root, filepath.FromSlash(name)) }

func (m *machine) write(name, text string) {
	m.t.Helper()
	text = strings.ReplaceAll(text, "ROOT", m.root)
	checkError(m.t, os.WriteFile(m.path(name), []byte(text), 0o755))
}

func (m *machine) read(name string) string {
	m.t.Helper()
	text, err := os.ReadFile(m.path(name))
	checkError(m.t, err)
	return string(text)
}

func (m *machine) installer() installer {
	i := newInstaller()
	i.root, i.uid = m.root, 0
	return i
}

func (m *machine) install(ctx context.Context) error {
	return m.installer().install(ctx, &progress{out: m.t.Output()}, []string{"redis-server"})
}

// checkCalls checks what was called, in order, apart from the options of apt-get.
func (m *machine) checkCalls(want ...string) {
	m.t.Helper()
	var got []string
	for _, line := range strings.Split(strings.TrimSpace(m.read("calls")), "\n") {
		line, _, _ = strings.Cut(line, " -")
		got = append(got, line)
	}
	if !slices.Equal(got, want) {
		m.t.Errorf("called %q, want %q", got, want)
	}
}

func (m *machine) checkNothingEnabled() {
	m.t.Helper()
	for _, link := range []string{
		"etc/systemd/system/redis.service",
		"etc/systemd/system/multi-user.target.wants/redis-server.service",
		"etc/rc2.d/S01redis-server",
	} {
		if _, err := os.Lstat(m.path(link)); !errors.Is(err, os.ErrNotExist) {
			m.t.Errorf("%s is left enabled", link)
		}
	}
	if _, err := os.Lstat(m.path("etc/systemd/system/sshd.service")); err != nil {
		m.t.Errorf("somebody else's service was disabled: %v", err)
	}
}

func TestInstallOnFreshMachine(t *testing.T) {
	m := newMachine(t)
	checkError(t, m.install(t.Context()))
	m.checkCalls("apt-get update", "apt-get install", "policy says 101",
		"update-rc.d redis-server disable",
		"systemctl disable redis-server.service",
		"systemctl disable redis.service")
	m.checkNothingEnabled()
	if exists(m.path("usr/sbin/policy-rc.d")) {
		t.Error("the policy that forbids services is left behind")
	}
}

func TestInstallStopsServicesUnderSystemd(t *testing.T) {
	m := newMachine(t)
	checkError(t, os.MkdirAll(m.path("run/systemd/system"), 0o755))
	m.write("var/lib/apt/lists/deb_Packages.lz4", "")
	checkError(t, m.install(t.Context()))
	if calls := m.read("calls"); !strings.Contains(calls, "systemctl disable --now redis-server.service") {
		t.Errorf("called %q", calls)
	}
}

func TestInstallPutsPolicyBack(t *testing.T) {
	m := newMachine(t)
	m.write("var/lib/apt/lists/deb_Packages", "")
	m.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 0\n")
	m.write("broken", "") // the first time only, as with lists that are too old
	checkError(t, m.install(t.Context()))
	if got := m.read("usr/sbin/policy-rc.d"); got != "#!/bin/sh\nexit 0\n" {
		t.Errorf("the machine's own policy is now %q", got)
	}
	m.checkCalls("apt-get install", "apt-get update", "apt-get install", "policy says 101",
		"update-rc.d redis-server disable",
		"systemctl disable redis-server.service",
		"systemctl disable redis.service")
	m.checkNothingEnabled()
}

func TestInstallCleansUpAfterOneThatWasKilled(t *testing.T) {
	m := newMachine(t)
	_, mark, _ := strings.Cut(installScript, "mark='")
	mark, _, _ = strings.Cut(mark, "'")
	m.write("usr/sbin/policy-rc.d", "#!/bin/sh\n"+mark+"\nexit 101\n")
	m.write("usr/sbin/policy-rc.d.pigonair-saved", "the machine's own")
	checkError(t, m.install(t.Context()))
	if got := m.read("usr/sbin/policy-rc.d"); got != "the machine's own" {
		t.Errorf("the machine's own policy is now %q", got)
	}
}

func TestInstallIsCancelled(t *testing.T) {
	m := newMachine(t)
	m.write("wait", "")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- m.install(ctx) }()
	awaitFile(t, m.path("began"))
	cancel()
	checkError(t, os.Remove(m.path("wait"))) // apt-get comes to its end
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if exists(m.path("usr/sbin/policy-rc.d")) {
		t.Error("the policy that forbids services is left behind")
	}
}

func TestInstallFails(t *testing.T) {
	m := newMachine(t)
	m.write("bin/apt-get", "#!/bin/sh\necho 'E: Unable to locate package'\nexit 100\n")
	err := m.install(t.Context())
	if !errors.Is(err, ErrNotInstalled) {
		t.Fatalf("got %v, want ErrNotInstalled", err)
	}
	for _, want := range []string{"Unable to locate", "sudo apt-get install -y --no-install-recommends redis-server"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in the message: %v", want, err)
		}
	}
	if exists(m.path("usr/sbin/policy-rc.d")) {
		t.Error("the policy that forbids services is left behind")
	}
}

func TestInstallRights(t *testing.T) {
	const byHand = "sudo apt-get install -y --no-install-recommends redis-server"
	for name, test := range map[string]struct {
		uid      int
		programs string // those that are there
		sudo     error  // what "sudo -n true" says
		ran      string // the command that installs, up to the script
		message  string
	}{
		"root":             {uid: 0, programs: "apt-get", ran: "/bin/sh -c"},
		"sudo":             {uid: 1, programs: "apt-get sudo", ran: "/bin/sudo -n /bin/sh -c"},
		"sudo asks":        {uid: 1, programs: "apt-get sudo", sudo: errors.New("a password is required"), message: byHand},
		"no sudo":          {uid: 1, programs: "apt-get", message: byHand},
		"not Debian":       {uid: 0, message: "install what Debian calls redis-server"},
		"not Debian, sudo": {uid: 1, programs: "sudo", message: "install what Debian calls redis-server"},
	} {
		t.Run(name, func(t *testing.T) {
			var ran string
			i := installer{
				uid: test.uid,
				lookPath: func(program string) (string, error) {
					if slices.Contains(strings.Fields(test.programs), program) {
						return "/bin/" + program, nil
					}
					return "", os.ErrNotExist
				},
				run: func(_ context.Context, args ...string) ([]byte, error) {
					if args[len(args)-1] == "true" {
						return nil, test.sudo
					}
					before, _, _ := strings.Cut(strings.Join(args, " "), " "+installScript)
					ran = before
					return nil, nil
				},
			}
			err := i.install(t.Context(), &progress{}, []string{"redis-server"})
			if ran != test.ran {
				t.Errorf("ran %q, want %q", ran, test.ran)
			}
			if test.message == "" {
				checkError(t, err)
				return
			}
			if !errors.Is(err, ErrNotInstalled) || !strings.Contains(err.Error(), test.message) {
				t.Errorf("got %v, want ErrNotInstalled with %q", err, test.message)
			}
		})
	}
}

func TestChromiumIsFound(t *testing.T) {
	m := newMachine(t)
	m.write("bin/chromium", fakeTool)
	path, err := Chromium(t.Context(), t.Output())
	if err != nil || path != m.path("bin/chromium") {
		t.Errorf("got %q, %v", path, err)
	}
}
