package gatewaysim

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

var (
	// ErrInUse: another simulator has the data file open.
	ErrInUse = errors.New("gatewaysim: the data file is in use")
	// ErrCorrupt: a line of the data file cannot be read.
	ErrCorrupt = errors.New("gatewaysim: the data file is corrupt")

	errClosed = errors.New("gatewaysim: the data file is closed")
)

// journal is an append-only file of lines. Lines that are waited for together
// are written and synced together.
type journal struct {
	file *os.File

	mu       sync.Mutex
	turn     sync.Cond // synced or err changed
	buffer   []byte    // appended, not yet written
	appended uint64    // lines so far
	synced   uint64    // lines known to be on disk
	writing  bool      // somebody writes the buffer
	err      error     // the first failure; nothing is accepted after it
}

// openJournal opens or creates the file and passes each line that is there to
// replay. A last line without its end was cut off by a crash, before anybody
// was told of it; it is removed.
func openJournal(path string, replay func(line []byte) error) (*journal, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("gatewaysim: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("gatewaysim: %w", err)
	}
	if err := prepare(file, replay); err != nil {
		file.Close()
		return nil, err
	}
	j := &journal{file: file}
	j.turn.L = &j.mu
	return j, nil
}

// prepare locks the file, replays it and leaves it ready for appending.
func prepare(file *os.File, replay func(line []byte) error) error {
	// The lock ends with the process, however that ends.
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("%w: %s", ErrInUse, file.Name())
	}
	end, err := replayLines(file, replay)
	if err != nil {
		return err
	}
	if err := file.Truncate(end); err != nil {
		return fmt.Errorf("gatewaysim: %w", err)
	}
	if _, err := file.Seek(end, io.SeekStart); err != nil {
		return fmt.Errorf("gatewaysim: %w", err)
	}
	return nil
}

// replayLines returns the length of the file's whole lines.
func replayLines(file *os.File, replay func(line []byte) error) (end int64, err error) {
	reader := bufio.NewReaderSize(file, 1<<20)
	for {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return end, nil
		}
		if err != nil {
			return 0, fmt.Errorf("gatewaysim: %w", err)
		}
		if err := replay(line); err != nil {
			return 0, fmt.Errorf("%w: at byte %d: %w", ErrCorrupt, end, err)
		}
		end += int64(len(line))
	}
}

// append adds a line and returns its number for wait.
func (j *journal) append(line []byte) uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.appended++
	if j.err == nil {
		j.buffer = append(append(j.buffer, line...), '\n')
	}
	return j.appended
}

// last is the number of the last line that was appended.
func (j *journal) last() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.appended
}

// wait returns when line number n and all before it are on disk. Whoever finds
// nobody writing writes for all.
func (j *journal) wait(n uint64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.synced < n && j.err == nil {
		if j.writing {
			j.turn.Wait()
			continue
		}
		j.flush()
	}
	if j.synced >= n {
		return nil
	}
	return j.err
}

// flush writes the buffer; the caller holds mu, which is let go meanwhile.
func (j *journal) flush() {
	lines, upTo := j.buffer, j.appended
	j.buffer, j.writing = nil, true
	j.mu.Unlock()
	_, err := j.file.Write(lines)
	if err == nil {
		err = j.file.Sync()
	}
	j.mu.Lock()
	j.writing = false
	if err == nil {
		j.synced = upTo
	} else if j.err == nil {
		j.err = err
	}
	j.turn.Broadcast()
}

// fail makes the journal accept nothing more: a line could not even be made.
func (j *journal) fail(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.appended++ // the line that is missing
	if j.err == nil {
		j.err = err
	}
	j.turn.Broadcast()
}

// failure is what keeps the journal from accepting lines, if anything does.
func (j *journal) failure() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

// close writes what is left. After it, wait fails for new lines.
func (j *journal) close() error {
	err := j.wait(j.last())
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		j.err = errClosed
	}
	return errors.Join(err, j.file.Close())
}
