//go:build unsafe_lab

package booking

import "pigonair/db"

// None reads seats without locking them and writes them without a guard: two customers may both be told that a seat
// is theirs. It is for the lab, to show what the others prevent.
const None Strategy = "none"

// unsafeStrategy knows the strategies that break promises.
func (s *Service) unsafeStrategy(name Strategy) holder {
	if name != None {
		return nil
	}
	return alone{s, technique{take: (*db.Tx).SeatsTakeAnyway}}
}
