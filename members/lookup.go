package members

import (
	"context"
	"net/netip"
)

// LookUp uses one attempt to find a booking without an account, by what stands in its mail, before its outcome is
// known. found is to be called when it was right: then the caller's past with this reference is forgotten. Who guesses
// waits longer each time, by reference and address, and against guessing from many addresses by reference alone; a
// machine that tries many references runs out of the address's budget. Errors: a *WaitError of ErrThrottled, ErrAway.
func (s *Service) LookUp(ctx context.Context, ref string, from netip.Addr) (found func(context.Context) error, err error) {
	if s.unlimited(from) {
		return func(context.Context) error { return nil }, nil
	}
	limits := lookUpLimits(ref, from)
	if err := s.budget(ctx, "find", from); err != nil {
		return nil, err
	}
	if err := s.throttle.take(ctx, limits); err != nil {
		return nil, err
	}
	return func(ctx context.Context) error { return s.throttle.succeed(ctx, limits) }, nil
}

// lookUpLimits are the limits of an attempt; the first is the caller's own.
func lookUpLimits(ref string, from netip.Addr) []limit {
	booking := "member:find:{" + digest(ref) + "}"
	return []limit{
		{key: booking + ":from:" + digest(network(from)), free: 5, longest: limitLongest},
		{key: booking + ":all", free: 50, longest: limitLongest / 2},
	}
}
