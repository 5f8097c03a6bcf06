// Package truetype reads a TrueType font once and cuts small fonts out of it.
//
// The PDF writer can cut fonts by itself, but it reads the whole font again for
// every document; with some 14,000 glyphs and two weights that costs tens of
// milliseconds a ticket. A Font here is read once, is never written to
// afterwards, and may be used by any number of goroutines.
//
// Table layouts follow the OpenType specification (ISO/IEC 14496-22). Only what
// such a font needs is read: glyph outlines ("glyf"), a Unicode character map in
// format 4 (the basic plane), horizontal metrics.
package truetype

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrFont says that the bytes are no TrueType font that this package can read.
var ErrFont = errors.New("truetype: unreadable font")

// Font is a font that was read. It is safe for use by several goroutines.
type Font struct {
	tables     map[string][]byte
	glyphs     []uint16 // by character of the basic plane; 0 is "missing"
	offsets    []uint32 // of each glyph in "glyf", and the end of the last
	advances   []uint16 // in font units, by glyph; the last stands for all further ones
	unitsPerEm float64
}

// tables that a cut font is made from.
var needed = []string{"OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "post"}

// shortest lengths of the tables with a fixed layout.
var shortest = map[string]int{"head": 54, "hhea": 36, "maxp": 6, "post": 32, "cmap": 4, "OS/2": 78}

// Parse reads the font in data, which must not change afterwards. Its error
// wraps ErrFont.
func Parse(data []byte) (*Font, error) {
	f := &Font{tables: map[string][]byte{}}
	if err := f.readTables(data); err != nil {
		return nil, err
	}
	for _, read := range []func() error{f.readHead, f.readOffsets, f.readAdvances, f.readCharacters} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *Font) readTables(data []byte) error {
	if len(data) < 12 || binary.BigEndian.Uint32(data) != 0x00010000 {
		return fmt.Errorf("%w: no TrueType header", ErrFont)
	}
	count := int(binary.BigEndian.Uint16(data[4:]))
	if len(data) < 12+16*count {
		return fmt.Errorf("%w: directory is cut off", ErrFont)
	}
	for i := range count {
		record := data[12+16*i:]
		start, size := uint64(binary.BigEndian.Uint32(record[8:])), uint64(binary.BigEndian.Uint32(record[12:]))
		if start+size > uint64(len(data)) {
			return fmt.Errorf("%w: table %q is cut off", ErrFont, record[:4])
		}
		f.tables[string(record[:4])] = data[start : start+size : start+size]
	}
	for _, name := range needed {
		if t, ok := f.tables[name]; !ok || len(t) < shortest[name] {
			return fmt.Errorf("%w: table %q is missing or short", ErrFont, name)
		}
	}
	return nil
}

func (f *Font) readHead() error {
	f.unitsPerEm = float64(binary.BigEndian.Uint16(f.tables["head"][18:]))
	if f.unitsPerEm == 0 {
		return fmt.Errorf("%w: no units per em", ErrFont)
	}
	return nil
}

func (f *Font) readOffsets() error {
	loca := f.tables["loca"]
	glyphs := int(binary.BigEndian.Uint16(f.tables["maxp"][4:]))
	long := binary.BigEndian.Uint16(f.tables["head"][50:]) == 1
	width := 2
	if long {
		width = 4
	}
	if len(loca) < (glyphs+1)*width {
		return fmt.Errorf("%w: glyph index is short", ErrFont)
	}
	f.offsets = make([]uint32, glyphs+1)
	for i := range f.offsets {
		if long {
			f.offsets[i] = binary.BigEndian.Uint32(loca[4*i:])
		} else {
			f.offsets[i] = 2 * uint32(binary.BigEndian.Uint16(loca[2*i:]))
		}
		if int64(f.offsets[i]) > int64(len(f.tables["glyf"])) || i > 0 && f.offsets[i] < f.offsets[i-1] {
			return fmt.Errorf("%w: glyph %d lies outside", ErrFont, i)
		}
	}
	return nil
}

func (f *Font) readAdvances() error {
	count := int(binary.BigEndian.Uint16(f.tables["hhea"][34:]))
	hmtx := f.tables["hmtx"]
	if count == 0 || len(hmtx) < 4*count {
		return fmt.Errorf("%w: metrics are short", ErrFont)
	}
	f.advances = make([]uint16, count)
	for i := range f.advances {
		f.advances[i] = binary.BigEndian.Uint16(hmtx[4*i:])
	}
	return nil
}

// readCharacters reads the first Unicode map in format 4.
func (f *Font) readCharacters() error {
	cmap := f.tables["cmap"]
	for i := range int(binary.BigEndian.Uint16(cmap[2:])) {
		record := 4 + 8*i
		if record+8 > len(cmap) {
			break
		}
		start := int(binary.BigEndian.Uint32(cmap[record+4:]))
		if start+14 <= len(cmap) && binary.BigEndian.Uint16(cmap[start:]) == 4 {
			return f.readSegments(cmap[start:])
		}
	}
	return fmt.Errorf("%w: no character map of format 4", ErrFont)
}

func (f *Font) readSegments(table []byte) error {
	n := int(binary.BigEndian.Uint16(table[6:])) / 2
	if 16+8*n > len(table) {
		return fmt.Errorf("%w: character map is short", ErrFont)
	}
	f.glyphs = make([]uint16, 1<<16)
	for i := range n {
		last := int(binary.BigEndian.Uint16(table[14+2*i:]))
		first := int(binary.BigEndian.Uint16(table[16+2*n+2*i:]))
		delta := binary.BigEndian.Uint16(table[16+4*n+2*i:])
		ranged := 16 + 6*n + 2*i
		offset := int(binary.BigEndian.Uint16(table[ranged:]))
		for c := first; c <= last && c < 0xFFFF; c++ {
			f.glyphs[c] = segmentGlyph(table, c, c-first, delta, offset, ranged)
			if int(f.glyphs[c]) >= len(f.offsets)-1 {
				return fmt.Errorf("%w: no glyph for U+%04X", ErrFont, c)
			}
		}
	}
	return nil
}

// segmentGlyph finds character c, the nth of its segment: by adding a delta, or
// by an index that counts from the place of the segment's own entry.
func segmentGlyph(table []byte, c, nth int, delta uint16, offset, ranged int) uint16 {
	if offset == 0 {
		return uint16(c) + delta
	}
	at := ranged + offset + 2*nth
	if at+2 > len(table) {
		return 0
	}
	if g := binary.BigEndian.Uint16(table[at:]); g != 0 {
		return g + delta
	}
	return 0
}

// Has tells whether the font draws r.
func (f *Font) Has(r rune) bool {
	return f.glyph(r) != 0
}

// Width is how wide text is at a size of 1; multiply by the size.
func (f *Font) Width(text string) float64 {
	units := 0
	for _, r := range text {
		units += int(f.advance(f.glyph(r)))
	}
	return float64(units) / f.unitsPerEm
}

func (f *Font) glyph(r rune) uint16 {
	if r < 0 || int(r) >= len(f.glyphs) {
		return 0
	}
	return f.glyphs[r]
}

func (f *Font) advance(glyph uint16) uint16 {
	return f.advances[min(int(glyph), len(f.advances)-1)]
}
