package localservers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// service is what differs between the servers.
type service interface {
	// prepare makes the server's folder ready and returns what to run.
	prepare(ctx context.Context) (command, error)
	// probe logs in as a user does and returns the server's version.
	probe(ctx context.Context) (version string, err error)
}

// server is one private server.
type server struct {
	name      string   // its folder, and what users call it
	title     string   // what people call it; empty: not worth mentioning
	listeners []string // its ports' names; the first is the one that users connect to
	service   service
	guard     guard
	ports     ports
	setpriv   string
	progress  *progress
}

// readyWithin covers the recovery of a large database after a crash on a slow disk.
const readyWithin = 3 * time.Minute

// joinWithin is generous: the server serves others, and may be slow because they keep it busy.
const joinWithin = time.Minute

// join makes us a user of the server if it runs already and answers.
func (s *server) join(ctx context.Context) (bool, error) {
	began := time.Now()
	joined, err := s.joinGuard(ctx)
	if err != nil || !joined {
		return false, err
	}
	version, err := s.awaitAnswer(ctx, joinWithin)
	if err != nil {
		s.guard.release()
		return false, context.Cause(ctx) // nil, unless it is we who give up
	}
	s.announce("running", version, began)
	return true, nil
}

// joinGuard waits out the moments in which the guard is stopping its server, or just looks whether anybody
// is left.
func (s *server) joinGuard(ctx context.Context) (joined bool, err error) {
	patience, cancel := context.WithTimeout(ctx, s.guard.grace+10*time.Second)
	defer cancel()
	_ = poll(patience, func() bool { // who has waited in vain goes on as if there were no server
		joined, err = s.guard.join()
		return joined || err != nil || s.guard.ended()
	})
	if err == nil && !joined {
		err = context.Cause(ctx)
	}
	return joined, err
}

// start runs the server and waits until it answers. If it fails, the server is gone again.
func (s *server) start(ctx context.Context) error {
	began := time.Now()
	c, err := s.service.prepare(ctx)
	if err != nil {
		return fmt.Errorf("prepare %s: %w", s.name, err)
	}
	if s.setpriv != "" {
		// Whoever kills the guard takes the server along.
		c.args = append([]string{s.setpriv, "--pdeathsig", "TERM"}, c.args...)
	}
	if err := s.guard.start(c); err != nil {
		return fmt.Errorf("start %s: %w", s.name, err)
	}
	version, err := s.awaitAnswer(ctx, readyWithin)
	if err != nil {
		log := s.guard.tail()
		gone := s.guard.kill(context.WithoutCancel(ctx))
		if ctx.Err() != nil {
			return errors.Join(context.Cause(ctx), gone)
		}
		return errors.Join(fmt.Errorf("%s: %w (%v); its log ends:\n%s", s.name, ErrNotReady, err, log), gone)
	}
	s.announce("ready", version, began)
	return nil
}

var errServerEnded = errors.New("it ended")

// awaitAnswer probes the server until it answers, ends, or patience does.
func (s *server) awaitAnswer(ctx context.Context, patience time.Duration) (version string, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = errors.New("not probed yet")
	ended := poll(ctx, func() bool {
		if s.guard.ended() {
			err = errServerEnded
			return true
		}
		version, err = s.service.probe(ctx)
		return err == nil
	})
	if ended != nil && errors.Is(err, ended) {
		return "", ended
	}
	if ended != nil {
		return "", fmt.Errorf("%w: %w", ended, err)
	}
	return version, err
}

func (s *server) announce(state, version string, began time.Time) {
	if s.title == "" {
		return
	}
	s.progress.say("%s %s %s on %s (%.1f s)",
		s.title, version, state, loopback(s.ports[s.listeners[0]]), time.Since(began).Seconds())
}

// makeDir makes the server's folder, readable for us alone: it holds passwords.
func (s *server) makeDir() error { return os.MkdirAll(s.guard.dir, 0o700) }
