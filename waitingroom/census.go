package waitingroom

import (
	"context"
	"encoding/binary"
	"math/bits"

	"github.com/redis/rueidis"
)

// recordSize is the bytes of one ticket's record; room.lua says what they hold.
const recordSize = 5

// censusRead is how many records one GETRANGE fetches, a multiple of 64.
const censusRead = 64 * 1024

// census is who is missing from a line: tickets that nobody shows any more and those given up. It is a bitmap
// with running totals, so that a position costs the same whatever the length of the line.
type census struct {
	from, to int64    // numbers counted: after from, up to and including to
	bits     []uint64 // bit i is set when number from+1+i is missing
	totals   []uint32 // how many bits are set before each word
	absent   int64    // not shown lately
	left     int64    // given up or never shown
}

// before counts who is missing among the numbers after `after`, up to and including `upto`.
func (c *census) before(after, upto int64) int64 {
	if c == nil || upto <= after {
		return 0
	}
	return max(0, c.rank(upto)-c.rank(after))
}

// rank counts who is missing among the numbers counted, up to and including a number.
func (c *census) rank(upto int64) int64 {
	n := min(upto, c.to) - c.from
	if n <= 0 {
		return 0
	}
	word, bit := n/64, n%64
	if word == int64(len(c.bits)) {
		return c.absent + c.left
	}
	return int64(c.totals[word]) + int64(bits.OnesCount64(c.bits[word]&(1<<bit-1)))
}

// sum fills in the running totals.
func (c *census) sum() {
	c.totals = make([]uint32, len(c.bits))
	total := 0
	for i, word := range c.bits {
		c.totals[i] = uint32(total)
		total += bits.OnesCount64(word)
	}
}

// encode writes the census for the other processes.
func (c *census) encode() string {
	var out []byte
	for _, f := range []int64{c.from, c.to, c.absent, c.left} {
		out = binary.AppendVarint(out, f)
	}
	for _, word := range c.bits {
		out = binary.LittleEndian.AppendUint64(out, word)
	}
	return string(out)
}

// decodeCensus reads what encode wrote; nil for anything else.
func decodeCensus(raw []byte) *census {
	c := &census{}
	for _, f := range []*int64{&c.from, &c.to, &c.absent, &c.left} {
		v, n := binary.Varint(raw)
		if n <= 0 {
			return nil
		}
		*f, raw = v, raw[n:]
	}
	if c.to < c.from || int64(len(raw)) != (c.to-c.from+63)/64*8 {
		return nil
	}
	for ; len(raw) > 0; raw = raw[8:] {
		c.bits = append(c.bits, binary.LittleEndian.Uint64(raw))
	}
	c.sum()
	return c
}

// takeCensus reads the records of everybody in the line.
func (r *room) takeCensus(ctx context.Context, s *snapshot) (*census, error) {
	c := &census{from: s.serving, to: s.tail}
	for first := s.serving + 1; first <= s.tail; first += censusRead {
		last := min(first+censusRead-1, s.tail)
		records, err := r.readRange(ctx, first*recordSize, (last+1)*recordSize-1)
		if err != nil {
			return nil, err
		}
		c.count(records, int(last-first+1), s)
	}
	c.sum()
	return c, nil
}

// count adds n records, which begin at a multiple of 64 numbers after from.
func (c *census) count(records []byte, n int, s *snapshot) {
	for begin := 0; begin < n; begin += 64 {
		var word uint64
		for i := begin; i < min(begin+64, n); i++ {
			if c.isMissing(records, i*recordSize, s) {
				word |= 1 << (i - begin)
			}
		}
		c.bits = append(c.bits, word)
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
