package waitingroom

import (
	"context"
	"encoding/binary"

	"github.com/redis/rueidis"
)

// recordSize is the bytes of one ticket's record; room.lua says what they hold.
const recordSize = 5

// censusBlock is how many numbers the census counts together.
const censusBlock = 64

// censusRead is how many records one GETRANGE fetches.
const censusRead = 64 * 1024

// census counts who is missing from a line: tickets that nobody shows any more and those given up. Between
// blocks it interpolates, so that a position costs no search whatever the length of the line.
type census struct {
	from    int64    // the number being served when it was taken
	to      int64    // the last number then
	missing []uint32 // missing among the first n blocks after from, from n = 0 on
	absent  int64    // not shown lately, in the whole line
	left    int64    // given up or never shown, in the whole line
}

// before estimates how many are missing among the numbers after `after`, up to and including `upto`.
func (c *census) before(after, upto int64) int64 {
	if c == nil || upto <= after {
		return 0
	}
	return max(0, c.total(upto)-c.total(after))
}

func (c *census) total(upto int64) int64 {
	last := len(c.missing) - 1
	n := upto - c.from
	if n <= 0 || last < 1 {
		return 0
	}
	block, part := int(n/censusBlock), n%censusBlock
	if upto >= c.to || block >= last {
		return int64(c.missing[last])
	}
	size := min(censusBlock, c.to-c.from-int64(block)*censusBlock)
	low, high := int64(c.missing[block]), int64(c.missing[block+1])
	return low + (high-low)*part/size
}

// encode writes the census for the other processes.
func (c *census) encode() string {
	out := binary.AppendVarint(nil, c.from)
	out = binary.AppendVarint(out, c.to)
	out = binary.AppendVarint(out, c.absent)
	out = binary.AppendVarint(out, c.left)
	for i := 1; i < len(c.missing); i++ {
		out = binary.AppendUvarint(out, uint64(c.missing[i]-c.missing[i-1]))
	}
	return string(out)
}

// decodeCensus reads what encode wrote; nil for anything else.
func decodeCensus(raw []byte) *census {
	c := &census{missing: []uint32{0}}
	for _, f := range []*int64{&c.from, &c.to, &c.absent, &c.left} {
		v, n := binary.Varint(raw)
		if n <= 0 {
			return nil
		}
		*f, raw = v, raw[n:]
	}
	for len(raw) > 0 {
		v, n := binary.Uvarint(raw)
		if n <= 0 {
			return nil
		}
		c.missing = append(c.missing, c.missing[len(c.missing)-1]+uint32(v))
		raw = raw[n:]
	}
	return c
}

// takeCensus reads the records of everybody in the line.
func (r *room) takeCensus(ctx context.Context, s *snapshot) (*census, error) {
	c := &census{from: s.serving, to: s.tail, missing: []uint32{0}}
	for first := s.serving + 1; first <= s.tail; first += censusRead {
		last := min(first+censusRead-1, s.tail)
		records, err := r.readRange(ctx, first*recordSize, (last+1)*recordSize-1)
		if err != nil {
			return nil, err
		}
		c.count(records, int(last-first+1), s)
	}
	return c, nil
}

// count adds n records, which begin at a block's first number.
func (c *census) count(records []byte, n int, s *snapshot) {
	for begin := 0; begin < n; begin += censusBlock {
		end := min(begin+censusBlock, n)
		missing := c.missing[len(c.missing)-1]
		for i := begin; i < end; i++ {
			if c.isMissing(records, i*recordSize, s) {
				missing++
			}
		}
		c.missing = append(c.missing, missing)
	}
}

func (c *census) isMissing(records []byte, at int, s *snapshot) bool {
	if at+recordSize > len(records) { // never shown: lost with an earlier Redis
		c.left++
		return true
	}
	shown := int64(binary.BigEndian.Uint32(records[at+1:]))
	switch {
	case records[at]&15 != 0: // anything but waiting: given up, or inside already
		c.left++
		return true
	case shown == 0:
		c.left++
		return true
	case shown < (s.now-s.base)/100 && s.grace < s.now:
		c.absent++
		return true
	}
	return false
}

func (r *room) readRange(ctx context.Context, from, to int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	client := r.store.client
	return client.Do(ctx, client.B().Getrange().Key(r.key+":rec").Start(from).End(to).Build()).AsBytes()
}

// fetchCensus reads the newest census that some process took.
func (r *room) fetchCensus(ctx context.Context) (*census, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	client := r.store.client
	raw, err := client.Do(ctx, client.B().Get().Key(r.key+":census").Build()).AsBytes()
	if rueidis.IsRedisNil(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return decodeCensus(raw), nil
}
