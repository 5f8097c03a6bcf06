package truetype

import (
	"encoding/binary"
	"slices"
)

// Flags of a composite glyph's parts (OpenType specification, "glyf").
const (
	partWords   = 1 << 0
	partScaled  = 1 << 3
	partMore    = 1 << 5
	partScaled2 = 1 << 6
	partMatrix  = 1 << 7
)

// Subset cuts a font that draws only these characters (those that the font has;
// of the basic plane) and carries only what a PDF needs. Equal sets give equal
// bytes. Checksums are left 0: the PDF writer computes its own.
func (f *Font) Subset(characters []rune) []byte {
	runes := slices.Clone(characters)
	slices.Sort(runes)
	runes = slices.DeleteFunc(slices.Compact(runes), func(r rune) bool { return !f.Has(r) })
	c := &cut{font: f, number: map[uint16]uint16{}}
	c.add(0)
	for _, r := range runes {
		c.add(f.glyph(r))
	}
	glyf, loca := c.outlines()
	return assemble(map[string][]byte{
		"OS/2": f.tables["OS/2"],
		"cmap": characterMap(runes, func(r rune) uint16 { return c.number[f.glyph(r)] }),
		"glyf": glyf,
		"head": patched(f.tables["head"], 50, 1),
		"hhea": patched(f.tables["hhea"], 34, len(c.glyphs)),
		"hmtx": c.metrics(),
		"loca": loca,
		"maxp": patched(f.tables["maxp"], 4, len(c.glyphs)),
		"name": {0, 0, 0, 0, 0, 6},
		"post": slices.Concat([]byte{0, 3, 0, 0}, f.tables["post"][4:32]),
	})
}

// cut collects the glyphs of a new font in their new order.
type cut struct {
	font   *Font
	glyphs []uint16
	number map[uint16]uint16 // new number by old
}

// add takes a glyph in, with the glyphs that it is composed of.
func (c *cut) add(glyph uint16) {
	if _, ok := c.number[glyph]; ok {
		return
	}
	c.number[glyph] = uint16(len(c.glyphs))
	c.glyphs = append(c.glyphs, glyph)
	eachPart(c.font.outline(glyph), func(part []byte) {
		if g := binary.BigEndian.Uint16(part[2:]); int(g) < len(c.font.offsets)-1 {
			c.add(g)
		}
	})
}

func (f *Font) outline(glyph uint16) []byte {
	return f.tables["glyf"][f.offsets[glyph]:f.offsets[glyph+1]]
}

// outlines is the new "glyf" table with its index in the long form.
func (c *cut) outlines() (glyf, loca []byte) {
	for _, g := range c.glyphs {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		outline := slices.Clone(c.font.outline(g))
		eachPart(outline, func(part []byte) {
			binary.BigEndian.PutUint16(part[2:], c.number[binary.BigEndian.Uint16(part[2:])])
		})
		glyf = append(glyf, outline...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
	}
	return glyf, binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
}

// eachPart calls visit with each part of a composite outline: flags, then the
// part's glyph. A simple outline has none.
func eachPart(outline []byte, visit func(part []byte)) {
	if len(outline) < 10 || int16(binary.BigEndian.Uint16(outline)) >= 0 {
		return
	}
	for rest := outline[10:]; len(rest) >= 4; {
		flags := binary.BigEndian.Uint16(rest)
		visit(rest[:4])
		size := partSize(flags)
		if flags&partMore == 0 || size > len(rest) {
			return
		}
		rest = rest[size:]
	}
}

func partSize(flags uint16) int {
	size := 6
	if flags&partWords != 0 {
		size += 2
	}
	switch {
	case flags&partScaled != 0:
		size += 2
	case flags&partScaled2 != 0:
		size += 4
	case flags&partMatrix != 0:
		size += 8
	}
	return size
}

// metrics is the new "hmtx" table: advance and left side bearing of every glyph.
func (c *cut) metrics() []byte {
	var out []byte
	hmtx, full := c.font.tables["hmtx"], len(c.font.advances)
	for _, g := range c.glyphs {
		at := 4*int(g) + 2
		if int(g) >= full {
			at = 4*full + 2*(int(g)-full)
		}
		bearing := []byte{0, 0}
		if at+2 <= len(hmtx) {
			bearing = hmtx[at : at+2]
		}
		out = append(binary.BigEndian.AppendUint16(out, c.font.advance(g)), bearing...)
	}
	return out
}

// characterMap is a "cmap" table with one map in format 4 and one segment a
// character: simple, and small enough for a page of text.
func characterMap(runes []rune, glyph func(rune) uint16) []byte {
	n := len(runes) + 1 // and the segment that the format ends with
	var last, first, delta []byte
	for _, r := range runes {
		last = binary.BigEndian.AppendUint16(last, uint16(r))
		first = binary.BigEndian.AppendUint16(first, uint16(r))
		delta = binary.BigEndian.AppendUint16(delta, glyph(r)-uint16(r))
	}
	search, log := 1, 0
	for search*2 <= n {
		search, log = search*2, log+1
	}
	header := []int{0, 1, 3, 1, 0, 12, 4, 16 + 8*n, 0, 2 * n, 2 * search, log, 2 * (n - search)}
	var out []byte
	for _, v := range header {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	end := []byte{0xFF, 0xFF}
	return slices.Concat(out, last, end, []byte{0, 0}, first, end, delta, []byte{0, 1}, make([]byte, 2*n))
}

func patched(table []byte, at, value int) []byte {
	out := slices.Clone(table)
	binary.BigEndian.PutUint16(out[at:], uint16(value))
	return out
}

// assemble writes the directory and the tables, in the order of their names.
func assemble(tables map[string][]byte) []byte {
	names := make([]string, 0, len(tables))
	for name := range tables {
		names = append(names, name)
	}
	slices.Sort(names)
	out := []byte{0, 1, 0, 0, 0, byte(len(names)), 0, 0, 0, 0, 0, 0}
	at := len(out) + 16*len(names)
	for _, name := range names {
		out = append(append(out, name...), 0, 0, 0, 0)
		out = binary.BigEndian.AppendUint32(out, uint32(at))
		out = binary.BigEndian.AppendUint32(out, uint32(len(tables[name])))
		at += (len(tables[name]) + 3) &^ 3
	}
	for _, name := range names {
		out = append(out, tables[name]...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	return out
}
