package gatewaysim

import (
	"container/heap"
	"sync"
	"time"
)

// scheduler runs functions when the simulator's clock reaches their time.
type scheduler struct {
	now  func() time.Time
	wake chan struct{} // a task came, or the clock was moved

	mu    sync.Mutex
	tasks tasks
	count int64 // tasks so far; keeps those of one instant in order
}

type task struct {
	due   time.Time
	order int64
	run   func()
}

func newScheduler(now func() time.Time) *scheduler {
	return &scheduler{now: now, wake: make(chan struct{}, 1)}
}

// at has run called once, by the scheduler's own goroutine, when due has come.
// It must not block.
func (s *scheduler) at(due time.Time, run func()) {
	s.mu.Lock()
	s.count++
	heap.Push(&s.tasks, task{due, s.count, run})
	first := s.tasks[0].order == s.count
	s.mu.Unlock()
	if first {
		s.poke()
	}
}

// poke makes the scheduler look at the clock.
func (s *scheduler) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run works until stop is closed.
func (s *scheduler) run(stop <-chan struct{}) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		next, any := s.runDue(stop)
		timer.Stop()
		if any {
			timer.Reset(next.Sub(s.now()))
		}
		select {
		case <-stop:
			return
		case <-s.wake:
		case <-timer.C:
		}
	}
}

// runDue runs what is due, in order, and returns when to look again.
func (s *scheduler) runDue(stop <-chan struct{}) (next time.Time, any bool) {
	for {
		s.mu.Lock()
		if len(s.tasks) == 0 {
			s.mu.Unlock()
			return time.Time{}, false
		}
		if due := s.tasks[0].due; due.After(s.now()) {
			s.mu.Unlock()
			return due, true
		}
		first := heap.Pop(&s.tasks).(task)
		s.mu.Unlock()
		select {
		case <-stop:
			return time.Time{}, false
		default:
			first.run()
		}
	}
}

// tasks is a heap, earliest first.
type tasks []task

func (t tasks) Len() int { return len(t) }

func (t tasks) Less(i, j int) bool {
	if t[i].due.Equal(t[j].due) {
		return t[i].order < t[j].order
	}
	return t[i].due.Before(t[j].due)
}

func (t tasks) Swap(i, j int) { t[i], t[j] = t[j], t[i] }

// Push is for container/heap.
func (t *tasks) Push(x any) { *t = append(*t, x.(task)) }

// Pop is for container/heap.
func (t *tasks) Pop() any {
	last := len(*t) - 1
	x := (*t)[last]
	(*t)[last] = task{}
	*t = (*t)[:last]
	return x
}
