package mailbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

var (
	// ErrNotFound says that there is no mail with that number, or no longer.
	ErrNotFound = errors.New("mailbox: no such mail")
	// ErrInUse says that another mailbox has the folder open.
	ErrInUse = errors.New("mailbox: folder is in use")
	// errClosed says that the mailbox was stopped.
	errClosed = errors.New("mailbox: stopped")
)

// limits bound what a folder keeps. Whole segments are dropped, the oldest
// first, so that a little more than mails may be there.
type limits struct {
	mails        int   // newest mails kept
	bytes        int64 // and not more than this
	segmentMails int
	segmentBytes int64
}

func limitsFor(mails int) limits {
	return limits{mails: mails, bytes: 2 << 30, segmentMails: max(1, mails/50), segmentBytes: 32 << 20}
}

// meta is what is known of a mail without reading it.
type meta struct {
	ID         int64     `json:"id"`
	To         []string  `json:"to"` // as the sender's server named them
	From       string    `json:"from"`
	Subject    string    `json:"subject"`
	MessageID  string    `json:"message_id"`
	ReceivedAt time.Time `json:"received_at"`
}

// entry is a mail's place in the log.
type entry struct {
	meta
	segment *segment
	offset  int64
	size    int64
}

// store keeps mails in a log of segment files, with an index in memory.
type store struct {
	dir    string
	limits limits
	lock   *os.File

	mu        sync.RWMutex
	closed    bool
	segments  []*segment // oldest first; the last is written to
	entries   []*entry   // oldest first, by rising ID
	byAddress map[string][]*entry
	lastID    int64
}

// openStore opens or makes a folder. Its error may be ErrInUse.
func openStore(dir string, l limits) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("mailbox: %w", err)
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	s := &store{dir: dir, limits: l, lock: lock, byAddress: map[string][]*entry{}}
	if err := s.load(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func lockFolder(dir string) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("mailbox: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s", ErrInUse, dir), lock.Close())
	}
	return lock, nil
}

// load reads the index of every segment, in the order of their names.
func (s *store) load() error {
	names, err := filepath.Glob(filepath.Join(s.dir, "*"+segmentSuffix))
	if err != nil {
		return fmt.Errorf("mailbox: %w", err)
	}
	slices.Sort(names)
	for i, name := range names {
		seg, entries, err := openSegment(name, i == len(names)-1)
		if err != nil {
			return err
		}
		s.segments = append(s.segments, seg)
		for _, e := range entries {
			s.index(e)
		}
	}
	return nil
}

func (s *store) index(e *entry) {
	s.entries = append(s.entries, e)
	s.lastID = max(s.lastID, e.ID)
	for _, to := range addresses(e.To) {
		s.byAddress[to] = append(s.byAddress[to], e)
	}
}

// addresses are the distinct keys that a mail is found under.
func addresses(to []string) []string {
	keys := make([]string, len(to))
	for i, t := range to {
		keys[i] = addressKey(t)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func addressKey(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

// add appends a mail and gives it the next number.
func (s *store) add(m meta, raw []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	m.ID = s.lastID + 1
	seg, err := s.writable(m.ID)
	if err != nil {
		return err
	}
	e, err := seg.append(m, raw)
	if err != nil {
		return err
	}
	s.index(e)
	return s.dropOld()
}

// writable is the last segment, or a new one when that is full.
func (s *store) writable(first int64) (*segment, error) {
	if n := len(s.segments); n > 0 {
		if last := s.segments[n-1]; last.size < s.limits.segmentBytes && last.mails < s.limits.segmentMails {
			return last, nil
		}
	}
	seg, err := createSegment(s.dir, first)
	if err != nil {
		return nil, err
	}
	s.segments = append(s.segments, seg)
	return seg, nil
}

// dropOld forgets whole segments while enough mails are left without them.
func (s *store) dropOld() error {
	for len(s.segments) > 1 {
		oldest := s.segments[0]
		if len(s.entries)-oldest.mails < s.limits.mails && s.bytes() <= s.limits.bytes {
			return nil
		}
		for _, e := range s.entries[:oldest.mails] {
			s.forget(e)
		}
		s.entries = slices.Clone(s.entries[oldest.mails:])
		s.segments = slices.Clone(s.segments[1:])
		if err := oldest.remove(); err != nil {
			return err
		}
	}
	return nil
}

func (s *store) bytes() int64 {
	var total int64
	for _, seg := range s.segments {
		total += seg.size
	}
	return total
}

// forget takes a mail, the oldest there is, out of the index by address.
func (s *store) forget(e *entry) {
	for _, to := range addresses(e.To) {
		if rest := s.byAddress[to][1:]; len(rest) > 0 {
			s.byAddress[to] = rest
		} else {
			delete(s.byAddress, to)
		}
	}
}

// list is up to limit mails to an address (or to anybody, when it is empty),
// the newest first, all older than before (or any, when that is 0).
func (s *store) list(to string, before int64, limit int) []*entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found := s.entries
	if to != "" {
		found = s.byAddress[addressKey(to)]
	}
	end := len(found)
	if before > 0 {
		end, _ = slices.BinarySearchFunc(found, before, byID)
	}
	page := slices.Clone(found[max(0, end-limit):end])
	slices.Reverse(page)
	return page
}

func byID(e *entry, id int64) int {
	switch {
	case e.ID < id:
		return -1
	case e.ID > id:
		return 1
	}
	return 0
}

// find is the mail with that number, or ErrNotFound.
func (s *store) find(id int64) (*entry, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	at, ok := slices.BinarySearchFunc(s.entries, id, byID)
	if !ok {
		return nil, ErrNotFound
	}
	return s.entries[at], nil
}

// read is a mail as it came, or ErrNotFound when it was dropped meanwhile.
func (s *store) read(e *entry) ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, errClosed
	}
	return e.segment.read(e)
}

// count is how many mails there are.
func (s *store) count() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.entries)
}

// close writes everything to disk and frees the folder. It may be called twice.
func (s *store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var err error
	for _, seg := range s.segments {
		err = errors.Join(err, seg.close())
	}
	return errors.Join(err, s.lock.Close())
}
