package ticketing

import (
	"fmt"
	"image/color"

	"github.com/boombuler/barcode/aztec"
)

// Modules is a square bar code (Aztec, ISO/IEC 24778, as on boarding passes) as
// dark and light modules. It needs no quiet zone; one module of white around it
// looks better.
type Modules struct {
	Size int   // modules in a row
	Runs []Run // every dark module lies in exactly one run
}

// Run is a row's stretch of dark modules, in modules from the upper left.
type Run struct {
	X, Y, Width int
}

// share of the code's words, in percent, that go into correcting errors: what
// the standard recommends.
const correction = 23

// BarCode draws text as an Aztec code. It fails only when text is too long for
// any. (A QR code of the same text takes eight times as long to make: each of
// its masks is drawn and judged.)
func BarCode(text string) (Modules, error) {
	code, err := aztec.Encode([]byte(text), correction, aztec.DEFAULT_LAYERS)
	if err != nil {
		return Modules{}, fmt.Errorf("ticketing: bar code: %w", err)
	}
	m := Modules{Size: code.Bounds().Dx()}
	for y := range m.Size {
		for x := 0; x < m.Size; x++ {
			start := x
			for x < m.Size && code.At(x, y) == color.Black {
				x++
			}
			if x > start {
				m.Runs = append(m.Runs, Run{X: start, Y: y, Width: x - start})
			}
		}
	}
	return m, nil
}
