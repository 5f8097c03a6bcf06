package lab

import (
	"context"
	"fmt"
	"slices"
)

// rounds is how often each side runs. With six, the smallest and the largest of the paired ratios enclose their
// true median with a probability of 1 − 2·½⁶ = 97 %, whatever the distribution.
const rounds = 6

// side is one of the things compared; run returns what it did per second.
type side struct {
	name string
	run  func(context.Context) (float64, error)
}

// interleave runs the sides in turn, forwards and backwards (A B B A …), so that a machine that gets slower or
// faster meanwhile does so to all of them. It returns the rates by side and round.
func (b *bench) interleave(ctx context.Context, sides ...side) ([][]float64, error) {
	rates := make([][]float64, len(sides))
	for round := range rounds {
		for k := range sides {
			i := k
			if round%2 == 1 {
				i = len(sides) - 1 - k
			}
			rate, err := sides[i].run(ctx)
			if err != nil {
				return nil, fmt.Errorf("%s, round %d: %w", sides[i].name, round+1, err)
			}
			b.say("%d/%d %s: %.0f/s", round+1, rounds, sides[i].name, rate)
			rates[i] = append(rates[i], rate)
		}
	}
	return rates, nil
}

// ratio is the median of the paired ratios of two sides, with their interval.
func ratio(over, under []float64) (median float64, interval string) {
	pairs := make([]float64, len(over))
	for i := range over {
		pairs[i] = over[i] / under[i]
	}
	return medianOf(pairs), fmt.Sprintf("%.2f–%.2f", slices.Min(pairs), slices.Max(pairs))
}

func medianOf(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
