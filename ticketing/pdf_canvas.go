package ticketing

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/text/unicode/norm"

	"pigonair/ticketing/internal/truetype"
)

// All lengths on a canvas are millimetres on A4, from the upper left; sizes of
// type are points.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
	pointMM    = 25.4 / 72
	family     = "Pretendard"
	missing    = '□' // stands for a character that the font does not have
)

type rgb struct{ r, g, b int }

// Colours of the site's light scheme.
var (
	ink       = rgb{0x16, 0x1b, 0x26}
	soft      = rgb{0x4c, 0x56, 0x68}
	faint     = rgb{0x5f, 0x6a, 0x7d}
	line      = rgb{0xda, 0xde, 0xe7}
	sunken    = rgb{0xf4, 0xf5, 0xf8}
	white     = rgb{0xff, 0xff, 0xff}
	coral     = rgb{0xc2, 0x30, 0x3b}
	coralTint = rgb{0xfd, 0xec, 0xec}
	warn      = rgb{0x84, 0x54, 0x00}
	warnTint  = rgb{0xff, 0xf3, 0xd6}
	neck      = [3]rgb{{0x15, 0x90, 0x78}, {0x35, 0x66, 0xcf}, {0x7a, 0x4b, 0xb8}}
)

// typeface is how a text is set.
type typeface struct {
	size  float64
	bold  bool
	color rgb
	track float64 // extra space after each character, in points
}

// leading is the distance from one line of such text to the next.
func (t typeface) leading() float64 { return t.size * pointMM * 1.4 }

// canvas lays pages out before anything is drawn: only then is it known which
// characters the fonts must carry. Drawing waits in pages.
type canvas struct {
	fonts [2]*truetype.Font
	used  [2]map[rune]struct{}
	pages [][]func(*fpdf.Fpdf)
}

func newCanvas(fonts [2]*truetype.Font) *canvas {
	return &canvas{fonts: fonts, used: [2]map[rune]struct{}{{}, {}}}
}

func (c *canvas) addPage() { c.pages = append(c.pages, nil) }

// draw keeps an action for the last page.
func (c *canvas) draw(action func(*fpdf.Fpdf)) { c.drawOn(len(c.pages)-1, action) }

func (c *canvas) drawOn(page int, action func(*fpdf.Fpdf)) {
	c.pages[page] = append(c.pages[page], action)
}

func (c *canvas) face(t typeface) int {
	if t.bold {
		return 1
	}
	return 0
}

// clean makes text that the font can show: composed syllables, nothing
// invisible that would turn or hide its neighbours, a box for each character
// that the font lacks.
func (c *canvas) clean(text string, t typeface) string {
	font := c.fonts[c.face(t)]
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Mn, unicode.Me):
			return -1
		case font.Has(r):
			return r
		}
		return missing
	}, norm.NFC.String(text))
}

// width of text that clean has passed.
func (c *canvas) width(text string, t typeface) float64 {
	spaces := t.track * float64(len([]rune(text)))
	return (c.fonts[c.face(t)].Width(text)*t.size + spaces) * pointMM
}

// textOn sets one line with its baseline at y on a page.
func (c *canvas) textOn(page int, x, y float64, text string, t typeface) {
	text = c.clean(text, t)
	for _, r := range text {
		c.used[c.face(t)][r] = struct{}{}
	}
	style := [2]string{"", "B"}[c.face(t)]
	c.drawOn(page, func(p *fpdf.Fpdf) {
		p.SetFont(family, style, t.size)
		p.SetTextColor(t.color.r, t.color.g, t.color.b)
		if t.track != 0 {
			p.RawWriteStr(fmt.Sprintf("%.2f Tc", t.track))
			defer p.RawWriteStr("0 Tc")
		}
		p.Text(x, y, text)
	})
}

func (c *canvas) text(x, y float64, text string, t typeface) {
	c.textOn(len(c.pages)-1, x, y, text, t)
}

// textRight sets one line that ends at x.
func (c *canvas) textRight(x, y float64, text string, t typeface) {
	c.text(x-c.width(c.clean(text, t), t), y, text, t)
}

// fitted is t, made smaller where text would be wider than room, but not below
// smallest points.
func (c *canvas) fitted(text string, t typeface, room, smallest float64) typeface {
	if w := c.width(c.clean(text, t), t); w > room {
		t.size = max(smallest, t.size*room/w)
	}
	return t
}

// wrap breaks text into lines no wider than room, at spaces where it can and
// between characters where a word alone is too wide.
func (c *canvas) wrap(text string, t typeface, room float64) []string {
	var lines []string
	current := ""
	for _, word := range strings.Fields(c.clean(text, t)) {
		joined := strings.TrimPrefix(current+" "+word, " ")
		if c.width(joined, t) <= room {
			current = joined
			continue
		}
		if current != "" {
			lines = append(lines, current)
		}
		broken := c.breakWord(word, t, room)
		lines = append(lines, broken[:len(broken)-1]...)
		current = broken[len(broken)-1]
	}
	if current != "" {
		lines = append(lines, current)
	}
	return lines
}

func (c *canvas) breakWord(word string, t typeface, room float64) []string {
	var parts []string
	part := ""
	for _, r := range word {
		if part != "" && c.width(part+string(r), t) > room {
			parts, part = append(parts, part), ""
		}
		part += string(r)
	}
	return append(parts, part)
}

// box fills a rectangle with rounded corners.
func (c *canvas) box(x, y, w, h, radius float64, fill rgb) {
	c.draw(func(p *fpdf.Fpdf) {
		p.SetFillColor(fill.r, fill.g, fill.b)
		p.RoundedRect(x, y, w, h, radius, "1234", "F")
	})
}

// frame draws the outline of a rectangle with rounded corners.
func (c *canvas) frame(x, y, w, h, radius float64) {
	c.draw(func(p *fpdf.Fpdf) {
		p.SetDrawColor(line.r, line.g, line.b)
		p.SetLineWidth(0.3)
		p.RoundedRect(x, y, w, h, radius, "1234", "D")
	})
}

// rule draws a thin level line.
func (c *canvas) rule(x1, x2, y float64, color rgb, thickness float64) {
	c.draw(func(p *fpdf.Fpdf) {
		p.SetDrawColor(color.r, color.g, color.b)
		p.SetLineWidth(thickness)
		p.Line(x1, y, x2, y)
	})
}

// shimmer fills a rectangle with the brand's gradient from left to right, in
// steps that reach to the right edge each: readers draw seams into the format's
// own gradients.
func (c *canvas) shimmer(x, y, w, h float64, steps int) {
	c.draw(func(p *fpdf.Fpdf) {
		for i := range steps {
			at := float64(i) / float64(steps)
			color := neckAt(at)
			p.SetFillColor(color.r, color.g, color.b)
			p.Rect(x+w*at, y, w*(1-at), h, "F")
		}
	})
}

// neckAt is the gradient's colour at a place between 0 and 1.
func neckAt(at float64) rgb {
	const middle = 0.52
	from, to, part := neck[0], neck[1], at/middle
	if at > middle {
		from, to, part = neck[1], neck[2], (at-middle)/(1-middle)
	}
	mix := func(a, b int) int { return a + int(float64(b-a)*part) }
	return rgb{mix(from.r, to.r), mix(from.g, to.g), mix(from.b, to.b)}
}

// polygon fills a polygon given as x, y, x, y ….
func (c *canvas) polygon(fill rgb, coordinates ...float64) {
	c.draw(func(p *fpdf.Fpdf) {
		var points []fpdf.PointType
		for i := 0; i+1 < len(coordinates); i += 2 {
			points = append(points, fpdf.PointType{X: coordinates[i], Y: coordinates[i+1]})
		}
		p.SetFillColor(fill.r, fill.g, fill.b)
		p.Polygon(points, "F")
	})
}

// modules draws a bar code size wide, in black.
func (c *canvas) modules(x, y, size float64, m Modules) {
	unit := size / float64(m.Size)
	c.draw(func(p *fpdf.Fpdf) {
		p.SetFillColor(0, 0, 0)
		for _, r := range m.Runs {
			p.Rect(x+float64(r.X)*unit, y+float64(r.Y)*unit, float64(r.Width)*unit, unit, "F")
		}
	})
}

// link makes an area of a page lead to an address, unless that is empty.
func (c *canvas) link(page int, x, y, w, h float64, address string) {
	if address != "" {
		c.drawOn(page, func(p *fpdf.Fpdf) { p.LinkString(x, y, w, h, address) })
	}
}

// meta is what a reader shows about a document.
type meta struct {
	title, author string
	lang          Lang
	at            time.Time
}

// render draws the pages into a PDF. The same pages give the same bytes.
func (c *canvas) render(m meta) ([]byte, error) {
	p := fpdf.New("P", "mm", "A4", "")
	p.SetAutoPageBreak(false, 0)
	p.SetCatalogSort(true)
	p.SetCreationDate(m.at)
	p.SetModificationDate(m.at)
	p.SetTitle(m.title, true)
	p.SetAuthor(m.author, true)
	p.SetLang(string(m.lang))
	for i, style := range []string{"", "B"} {
		p.AddUTF8FontFromBytes(family, style, c.fonts[i].Subset(slices.Collect(maps.Keys(c.used[i]))))
	}
	for _, actions := range c.pages {
		p.AddPage()
		for _, draw := range actions {
			draw(p)
		}
	}
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		return nil, fmt.Errorf("ticketing: PDF: %w", err)
	}
	return out.Bytes(), nil
}
