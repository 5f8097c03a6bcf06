package mailbox

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

const (
	segmentSuffix = ".mails"
	recordMark    = 0x50474D31 // "PGM1"
	recordHeader  = 20         // mark, length of meta, length of mail (8), checksum
	maxMeta       = 1 << 20
)

// segment is one file of the log: records of a fixed header, the mail's meta as
// JSON, and the mail as it came. The checksum covers header and meta; a mail
// that was being written when the process died ends the file and is cut off.
type segment struct {
	file  *os.File
	size  int64
	mails int
	gone  bool
}

func createSegment(dir string, first int64) (*segment, error) {
	name := filepath.Join(dir, fmt.Sprintf("%012d%s", first, segmentSuffix))
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("mailbox: %w", err)
	}
	return &segment{file: file}, nil
}

// openSegment reads the meta of all mails in a file. The last segment is cut
// after its last whole mail; behind a broken place in an older one there is
// nothing to be read either.
func openSegment(name string, last bool) (*segment, []*entry, error) {
	file, err := os.OpenFile(name, os.O_RDWR, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("mailbox: %w", err)
	}
	seg := &segment{file: file}
	entries, err := seg.scan()
	if err == nil && last {
		err = file.Truncate(seg.size)
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("mailbox: %s: %w", filepath.Base(name), err), file.Close())
	}
	return seg, entries, nil
}

func (s *segment) scan() ([]*entry, error) {
	info, err := s.file.Stat()
	if err != nil {
		return nil, err
	}
	var entries []*entry
	in := bufio.NewReaderSize(s.file, 1<<16)
	for {
		e, err := s.scanRecord(in, info.Size())
		if errors.Is(err, errTorn) {
			return entries, nil
		}
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
		s.mails++
	}
}

// errTorn says that no whole record stands where one should begin.
var errTorn = errors.New("torn record")

func (s *segment) scanRecord(in *bufio.Reader, end int64) (*entry, error) {
	var head [recordHeader]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, tornAtEnd(err)
	}
	metaSize, mailSize := int64(binary.BigEndian.Uint32(head[4:])), int64(binary.BigEndian.Uint64(head[8:]))
	offset := s.size + recordHeader + metaSize
	if binary.BigEndian.Uint32(head[:]) != recordMark || metaSize > maxMeta || mailSize < 0 || mailSize > end-offset {
		return nil, errTorn
	}
	data := make([]byte, metaSize)
	if _, err := io.ReadFull(in, data); err != nil {
		return nil, tornAtEnd(err)
	}
	e := &entry{segment: s, offset: offset, size: mailSize}
	if checksum(head[:], data) != binary.BigEndian.Uint32(head[16:]) || json.Unmarshal(data, &e.meta) != nil {
		return nil, errTorn
	}
	if _, err := in.Discard(int(mailSize)); err != nil {
		return nil, tornAtEnd(err)
	}
	s.size = offset + mailSize
	return e, nil
}

func tornAtEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errTorn
	}
	return err
}

func checksum(head, meta []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE(head[:16]), crc32.IEEETable, meta)
}

// append writes one mail in one call. When that fails, the file is cut back so
// that the next mail is found again.
func (s *segment) append(m meta, raw []byte) (*entry, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("mailbox: %w", err)
	}
	if len(data) > maxMeta {
		return nil, fmt.Errorf("mailbox: %w", errTooManyAddresses)
	}
	record := make([]byte, recordHeader, recordHeader+len(data)+len(raw))
	binary.BigEndian.PutUint32(record, recordMark)
	binary.BigEndian.PutUint32(record[4:], uint32(len(data)))
	binary.BigEndian.PutUint64(record[8:], uint64(len(raw)))
	binary.BigEndian.PutUint32(record[16:], checksum(record, data))
	record = append(append(record, data...), raw...)
	if _, err := s.file.WriteAt(record, s.size); err != nil {
		return nil, errors.Join(fmt.Errorf("mailbox: %w", err), s.file.Truncate(s.size))
	}
	e := &entry{meta: m, segment: s, offset: s.size + recordHeader + int64(len(data)), size: int64(len(raw))}
	s.size += int64(len(record))
	s.mails++
	return e, nil
}

var errTooManyAddresses = errors.New("header is too long")

func (s *segment) read(e *entry) ([]byte, error) {
	if s.gone {
		return nil, ErrNotFound
	}
	raw := make([]byte, e.size)
	if _, err := s.file.ReadAt(raw, e.offset); err != nil {
		return nil, fmt.Errorf("mailbox: %w", err)
	}
	return raw, nil
}

func (s *segment) remove() error {
	s.gone = true
	if err := errors.Join(s.file.Close(), os.Remove(s.file.Name())); err != nil {
		return fmt.Errorf("mailbox: %w", err)
	}
	return nil
}

func (s *segment) close() error {
	if err := errors.Join(s.file.Sync(), s.file.Close()); err != nil {
		return fmt.Errorf("mailbox: %w", err)
	}
	return nil
}
