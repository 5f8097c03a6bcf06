package payment

import (
	"context"
	"errors"
	"sync"
	"time"
)

// batch is how many due rows of a kind one round reads, hands how many of them are worked on at once.
const (
	batch = 50
	hands = 8
)

// The reconciler's rhythm: how often it walks the gateway's list, and how far back.
const (
	reconcileEvery = 10 * time.Minute
	reconcileBack  = 48 * time.Hour
)

// stopGrace is how long Stop lets work in hand go on before its calls to the gateway are cut.
const stopGrace = 5 * time.Second

// Settler finishes what a request left open: attempts of unknown outcome, refunds, stored webhooks; and it walks
// the gateway's own list for what nobody told us. Any number of them may run side by side; claims keep them apart.
type Settler struct {
	s     *Service
	every time.Duration
	lanes []*lane
	soft  context.CancelFunc
	hard  context.CancelFunc
	loops sync.WaitGroup
	work  sync.WaitGroup
}

// lane is one kind of work, with hands of its own: a gateway that hangs for one kind delays no other.
type lane struct {
	due   func(context.Context) ([]job, error)
	slots chan struct{}
	mu    sync.Mutex
	busy  map[string]bool
}

// job is one due row.
type job struct {
	id string
	do func(context.Context) error
}

// NewSettler returns a settler that looks for work every interval.
func NewSettler(s *Service, every time.Duration) *Settler {
	t := &Settler{s: s, every: every}
	for _, due := range []func(context.Context) ([]job, error){s.dueWebhooks, s.dueAttempts, s.dueRefunds} {
		t.lanes = append(t.lanes, &lane{due: due, slots: make(chan struct{}, hands), busy: map[string]bool{}})
	}
	return t
}

// Start begins the rounds and returns at once.
func (t *Settler) Start(ctx context.Context) error {
	hard, cutHard := context.WithCancel(context.WithoutCancel(ctx))
	soft, cutSoft := context.WithCancel(hard)
	t.soft, t.hard = cutSoft, cutHard
	t.loop(soft, t.every, func() {
		for _, l := range t.lanes {
			t.report(t.handOut(hard, l))
		}
	})
	t.loop(soft, reconcileEvery, func() {
		t.report(t.reconcile(soft))
	})
	return nil
}

func (t *Settler) reconcile(ctx context.Context) error {
	now, err := t.s.read.Clock(ctx)
	if err != nil {
		return err
	}
	return t.s.Reconcile(ctx, now.Add(-reconcileBack), now)
}

// loop runs do at once and then every interval, until soft ends.
func (t *Settler) loop(soft context.Context, every time.Duration, do func()) {
	t.loops.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for soft.Err() == nil {
			do()
			select {
			case <-soft.Done():
			case <-tick.C:
			}
		}
	})
}

// Stop ends the rounds and waits for the work in hand; calls that take too long are given up, and what they were
// about is looked at again by another process. It may be called twice.
func (t *Settler) Stop() {
	if t.soft == nil {
		return
	}
	t.soft()
	cut := time.AfterFunc(stopGrace, t.hard)
	defer cut.Stop()
	t.loops.Wait()
	t.work.Wait()
	t.hard()
}

// handOut gives a lane's due jobs to free hands; what finds none is due in the next round as well.
func (t *Settler) handOut(ctx context.Context, l *lane) error {
	jobs, err := l.due(ctx)
	for _, j := range jobs {
		if !l.begin(j.id) {
			continue
		}
		t.work.Go(func() {
			defer l.end(j.id)
			t.report(j.do(ctx))
		})
	}
	return err
}

// begin takes a hand for a job; false: it is in one already, or none is free.
func (l *lane) begin(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy[id] {
		return false
	}
	select {
	case l.slots <- struct{}{}:
		l.busy[id] = true
		return true
	default:
		return false
	}
}

func (l *lane) end(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.busy, id)
	<-l.slots
}

// report logs what went wrong; every job is due again by itself.
func (t *Settler) report(err error) {
	if err != nil && !harmless(err) {
		t.s.Log.Warn("settler", "error", err)
	}
}

// harmless tells whether an error only says that others are at work, or that we stop.
func harmless(err error) bool {
	return errors.Is(err, errBusy) || errors.Is(err, errLost) || errors.Is(err, context.Canceled)
}

// RunOnce works on everything that is due now, one after the other, and returns when it is done.
func (t *Settler) RunOnce(ctx context.Context) error {
	var failed []error
	for _, l := range t.lanes {
		jobs, err := l.due(ctx)
		failed = append(failed, err)
		for _, j := range jobs {
			if err := j.do(ctx); err != nil && !harmless(err) {
				failed = append(failed, err)
			}
		}
	}
	return errors.Join(failed...)
}

func (s *Service) dueWebhooks(ctx context.Context) (jobs []job, err error) {
	rows, err := s.read.WebhooksDue(ctx, batch)
	for _, hook := range rows {
		jobs = append(jobs, job{hook.ID, func(ctx context.Context) error { return s.workWebhook(ctx, hook) }})
	}
	return jobs, err
}

// dueAttempts are those of unknown outcome, and started ones whose customer never came back.
func (s *Service) dueAttempts(ctx context.Context) (jobs []job, err error) {
	for _, state := range []AttemptState{Confirming, Started} {
		ids, dueErr := s.read.AttemptsDue(ctx, string(state), batch)
		err = errors.Join(err, dueErr)
		for _, id := range ids {
			jobs = append(jobs, job{id, func(ctx context.Context) error { return s.look(ctx, id) }})
		}
	}
	return jobs, err
}

func (s *Service) dueRefunds(ctx context.Context) (jobs []job, err error) {
	for _, state := range []string{refundPending, refundStuck} {
		ids, dueErr := s.read.RefundsDue(ctx, state, batch)
		err = errors.Join(err, dueErr)
		for _, id := range ids {
			jobs = append(jobs, job{id, func(ctx context.Context) error { return s.sendRefund(ctx, id) }})
		}
	}
	return jobs, err
}
