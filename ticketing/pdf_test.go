package ticketing

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"pigonair/ticketing/internal/truetype"
)

// piece is one text of a page, in points from the lower left.
type piece struct {
	x, y, size float64
	bold       bool
	text       string
}

var (
	streamPattern = regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`)
	fontPattern   = regexp.MustCompile(`/(F\w+) (\d+) 0 R`)
	textPattern   = regexp.MustCompile(`(?s)/(F\w+) ([\d.]+) Tf|BT ([\d.-]+) ([\d.-]+) Td \(((?:\\.|[^\\)])*)\) Tj`)
)

// pieces reads the pages of a PDF as our writer makes them, without any other
// program.
func pieces(t *testing.T, file []byte) [][]piece {
	t.Helper()
	bold := ""
	for _, m := range fontPattern.FindAllSubmatch(file, -1) {
		object := "\n" + string(m[2]) + " 0 obj\n<</Type /Font\n/Subtype /Type0\n/BaseFont /utf8pretendardB\n"
		if bytes.Contains(file, []byte(object)) {
			bold = string(m[1])
		}
	}
	if bold == "" {
		t.Fatal("the bold font is not where it was")
	}
	var pages [][]piece
	for _, s := range streamPattern.FindAllSubmatch(file, -1) {
		z, err := zlib.NewReader(bytes.NewReader(s[1]))
		if err != nil {
			continue
		}
		content, err := io.ReadAll(z)
		if err != nil || !bytes.Contains(content, []byte(" Tj ET")) {
			continue
		}
		pages = append(pages, pagePieces(t, content, bold))
	}
	return pages
}

func pagePieces(t *testing.T, content []byte, boldFont string) []piece {
	t.Helper()
	var out []piece
	size, bold := 0.0, false
	for _, m := range textPattern.FindAllSubmatch(content, -1) {
		if len(m[1]) > 0 {
			size, bold = float(t, m[2]), string(m[1]) == boldFont
			continue
		}
		out = append(out, piece{float(t, m[3]), float(t, m[4]), size, bold, decode(m[5])})
	}
	return out
}

func float(t *testing.T, b []byte) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// decode reads a PDF string of UTF-16 characters.
func decode(s []byte) string {
	var raw []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
			if s[i] == 'r' {
				s[i] = '\r'
			}
		}
		raw = append(raw, s[i])
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = binary.BigEndian.Uint16(raw[2*i:])
	}
	return string(utf16.Decode(units))
}

func ticketPDF(t testing.TB, lang Lang, ticket Ticket) []byte {
	t.Helper()
	file, err := newDocuments(t).TicketPDF(lang, ticket, links())
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func allText(pages [][]piece) string {
	var b strings.Builder
	for _, page := range pages {
		for _, p := range page {
			b.WriteString(p.text + "\n")
		}
	}
	return b.String()
}

func TestPDFTellsEverything(t *testing.T) {
	t.Parallel()
	for lang, want := range map[Lang][]string{
		Korean:  {"전자항공권", "예약번호", "K7M2QX", "예약 확정", "06:15", "김포 GMP", "Gimpo", "2026년 12월 24일(목) · UTC+9", "이 문서는 탑승권이 아닙니다.", "체크인은 12월 23일(수) 06:15부터", "김하늘", "990-261224000-6", "7A", "63,200원", "s**@example.test"},
		English: {"E-ticket", "Booking reference", "K7M2QX", "Confirmed", "07:25", "Jeju CJU", "제주", "Thu 24 Dec 2026 · UTC+9", "This is not a boarding pass.", "Check-in opens Wed 23 Dec 06:15", "이바다", "990-261224001-0", "7B", "₩63,200"},
	} {
		file := ticketPDF(t, lang, domestic(t))
		if !bytes.HasPrefix(file, []byte("%PDF-1.")) || len(file) < 15_000 || len(file) > 60_000 {
			t.Errorf("%s: %d bytes, begins with %q", lang, len(file), file[:8])
		}
		text := allText(pieces(t, file))
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q in\n%s", lang, w, text)
			}
		}
	}
}

func TestPDFOfACancelledTicketSaysSo(t *testing.T) {
	t.Parallel()
	ticket := domestic(t)
	ticket.Status = Cancelled
	text := allText(pieces(t, ticketPDF(t, Korean, ticket)))
	if !strings.Contains(text, "취소된 예약입니다.") || strings.Contains(text, "예약 확정") {
		t.Errorf("says\n%s", text)
	}
}

func TestPDFIsStable(t *testing.T) {
	t.Parallel()
	if !bytes.Equal(ticketPDF(t, Korean, abroad(t)), ticketPDF(t, Korean, abroad(t))) {
		t.Error("the same ticket gave other bytes")
	}
}

// Whatever the names are, every text stands inside the margins and no two lie
// on each other.
func TestPDFKeepsItsLayout(t *testing.T) {
	t.Parallel()
	fonts := newDocuments(t).fonts
	for _, lang := range []Lang{Korean, English} {
		for name, ticket := range map[string]Ticket{"domestic": domestic(t), "abroad": abroad(t), "crowded": crowded(t)} {
			for n, page := range pieces(t, ticketPDF(t, lang, ticket)) {
				where := fmt.Sprintf("%s %s page %d", lang, name, n+1)
				checkLayout(t, where, fonts, page)
			}
		}
	}
}

func checkLayout(t *testing.T, where string, fonts [2]*truetype.Font, page []piece) {
	t.Helper()
	const margin = left/pointMM - 1
	end := func(p piece) float64 {
		if p.bold {
			return p.x + fonts[1].Width(p.text)*p.size
		}
		return p.x + fonts[0].Width(p.text)*p.size
	}
	for i, p := range page {
		if p.x < margin || end(p) > pageWidth/pointMM-margin || p.y < 20 || p.y > 830 {
			t.Errorf("%s: %q from %.0f to %.0f at %.0f", where, p.text, p.x, end(p), p.y)
		}
		for _, q := range page[:i] {
			if math.Abs(p.y-q.y) < 5 && q.x < end(p)-1 && p.x < end(q)-1 {
				t.Errorf("%s: %q lies on %q", where, p.text, q.text)
			}
		}
	}
}

func TestNamesAreShownAsTheyCanBe(t *testing.T) {
	t.Parallel()
	text := allText(pieces(t, ticketPDF(t, English, crowded(t))))
	for _, want := range []string{"\n□ 김□□□하늘 □\n", "\n□□□□ □□□ □□□□\n", "\n<script>alert(1)</script>\n", "\nevil name\n", "\n각 Zoë\n", "\nab\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestWrapLosesNothing(t *testing.T) {
	t.Parallel()
	c := newCanvas(newDocuments(t).fonts)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		room := rapid.Float64Range(8, 120).Draw(t, "room")
		face := typeface{size: rapid.Float64Range(6, 14).Draw(t, "size"), bold: rapid.Bool().Draw(t, "bold")}
		lines := c.wrap(text, face, room)
		for _, l := range lines {
			if c.width(l, face) > room {
				t.Fatalf("%q is wider than %.1f", l, room)
			}
		}
		plain := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if plain(strings.Join(lines, "")) != plain(c.clean(text, face)) {
			t.Fatalf("%q became %q", text, lines)
		}
	})
}

func BenchmarkTicketPDF(b *testing.B) {
	d, ticket := newDocuments(b), domestic(b)
	for b.Loop() {
		if _, err := d.TicketPDF(Korean, ticket, links()); err != nil {
			b.Fatal(err)
		}
	}
}
