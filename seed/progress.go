package seed

import (
	"fmt"
	"io"
	"strings"
)

// barWidth is the length of the progress bar in characters.
const barWidth = 30

// bar draws progress on one line.
type bar struct {
	out         io.Writer
	done, total int
	shown       int // percent that stands there now
}

func newBar(out io.Writer, total int) *bar { return &bar{out: out, total: total, shown: -1} }

// step draws one more part done, when that changes what is shown.
func (b *bar) step(flights, seats int64) {
	b.done++
	percent := 100 * b.done / b.total
	if percent == b.shown {
		return
	}
	b.shown = percent
	full := barWidth * b.done / b.total
	fmt.Fprintf(b.out, "\r[%s%s] %3d %%  %d flights, %d seats added",
		strings.Repeat("#", full), strings.Repeat(".", barWidth-full), percent, flights, seats)
}

func (b *bar) end() { fmt.Fprintln(b.out) }
