package truetype

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"testing"
)

func load(t testing.TB) (*Font, []byte) {
	t.Helper()
	data, err := os.ReadFile("../../fonts/Pretendard-Regular.ttf")
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return f, data
}

func TestFontKnowsItsCharacters(t *testing.T) {
	t.Parallel()
	f, _ := load(t)
	for _, r := range "Aa0힣한글가각₩→·□Å" {
		if !f.Has(r) {
			t.Errorf("%q is missing", r)
		}
	}
	for _, r := range []rune{'א', '😀', -1, 0x10FFFF, 0xFFFF} {
		if f.Has(r) {
			t.Errorf("%q is said to be there", r)
		}
	}
	if w := f.Width("한글"); w < 1.5 || w > 2 {
		t.Errorf("width of two syllables = %v", w)
	}
}

func TestSubsetDrawsTheSame(t *testing.T) {
	t.Parallel()
	f, _ := load(t)
	text := []rune("Åé 김하늘 990-1 →ẞ😀א김")
	small, err := Parse(f.Subset(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range text {
		if f.Has(r) != small.Has(r) {
			t.Errorf("%q: in the font %v, in the cut %v", r, f.Has(r), small.Has(r))
		}
		if f.Has(r) && f.Width(string(r)) != small.Width(string(r)) {
			t.Errorf("%q: another width", r)
		}
		if f.Has(r) && !sameOutline(f, f.glyph(r), small, small.glyph(r)) {
			t.Errorf("%q: another outline", r)
		}
	}
	if small.Has('B') {
		t.Error("a character came along that was not asked for")
	}
}

// sameOutline compares simple outlines byte by byte, composite ones by part.
func sameOutline(a *Font, ga uint16, b *Font, gb uint16) bool {
	oa, ob := a.outline(ga), b.outline(gb)
	var pa, pb []uint16
	eachPart(oa, func(p []byte) { pa = append(pa, binary.BigEndian.Uint16(p[2:])) })
	eachPart(ob, func(p []byte) { pb = append(pb, binary.BigEndian.Uint16(p[2:])) })
	if len(pa) != len(pb) {
		return false
	}
	if len(pa) == 0 {
		return bytes.Equal(oa, bytes.TrimRight(ob, "\x00")) || bytes.HasPrefix(ob, oa)
	}
	for i := range pa {
		if !sameOutline(a, pa[i], b, pb[i]) {
			return false
		}
	}
	return true
}

func TestSubsetIsStable(t *testing.T) {
	t.Parallel()
	f, _ := load(t)
	if !bytes.Equal(f.Subset([]rune("하늘바다")), f.Subset([]rune("다바늘하하"))) {
		t.Error("equal sets gave different fonts")
	}
}

func TestParseRefusesWhatIsCutOff(t *testing.T) {
	t.Parallel()
	_, data := load(t)
	for _, n := range []int{0, 3, 11, 12, 100, 300, 5000, len(data) / 2} {
		if _, err := Parse(data[:n]); !errors.Is(err, ErrFont) {
			t.Errorf("first %d bytes: %v", n, err)
		}
	}
}

func BenchmarkSubset(b *testing.B) {
	f, _ := load(b)
	text := []rune("김하늘 안녕하세요 예약번호 항공권 Hello, World 1234567890")
	for b.Loop() {
		f.Subset(text)
	}
}
