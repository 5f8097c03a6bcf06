package ticketing

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"
)

// piece is one text of a page, in points from the lower left.
type piece struct {
	x, y, size float64
	text       string
}

var (
	streamPattern = regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`)
	textPattern   = regexp.MustCompile(`(?s)/F\S+ ([\d.]+) Tf|BT ([\d.-]+) ([\d.-]+) Td \(((?:\\.|[^\\)])*)\) Tj`)
)

// pieces reads the pages of a PDF as our writer makes them, without any other
// program.
func pieces(t *testing.T, file []byte) [][]piece {
	t.Helper()
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
		pages = append(pages, pagePieces(t, content))
	}
	return pages
}

func pagePieces(t *testing.T, content []byte) []piece {
	t.Helper()
	var out []piece
	size := 0.0
	for _, m := range textPattern.FindAllSubmatch(content, -1) {
		if len(m[1]) > 0 {
			size = float(t, m[1])
			continue
		}
		out = append(out, piece{float(t, m[2]), float(t, m[3]), size, decode(m[4])})
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
				for i, p := range page {
					width := max(fonts[0].Width(p.text), fonts[1].Width(p.text)) * p.size
					if p.x < 45 || p.x+width > 210*72/25.4-44 || p.y < 20 || p.y > 830 {
						t.Errorf("%s %s page %d: %q at %.0f, %.0f is %.0f wide", lang, name, n+1, p.text, p.x, p.y, width)
					}
					for _, q := range page[:i] {
						if q.y-p.y < 5 && p.y-q.y < 5 && q.x < p.x+width-1 && p.x < q.x+fonts[0].Width(q.text)*q.size-1 {
							t.Errorf("%s %s page %d: %q lies on %q", lang, name, n+1, p.text, q.text)
						}
					}
				}
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
