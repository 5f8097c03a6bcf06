package booking

import (
	"context"
	"crypto/sha256"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"pigonair/db"
)

// Passenger is a traveller as written on the ticket.
type Passenger struct {
	Kind        Kind // by the birth date; without one, as declared at the hold
	Surname     string
	GivenName   string
	BirthDate   time.Time // midnight UTC of the date
	Nationality string    // ISO 3166-1 alpha-2; international flights only
	ExitConsent bool      // agreed to help in an exit row
}

// Contact is whom the airline writes to.
type Contact struct{ Name, Email, Phone, Language string }

// SetPassengers writes who travels, in passenger order, and how to reach them; it may be repeated while the hold
// lives. What each counts as is told by the birth date on the day of each leg, and where that is not what the hold was
// priced for, the new total is offered: nothing changes before AgreePassengers. Errors: ErrNotFound, ErrExpired, ErrState,
// ErrCancelled, ErrParty, ErrNeedsSeat, ErrExitRow, ErrPriceChanged (a *PriceError), ErrTravellerHere (twice in this
// booking, or in another live one of this member), ErrBusy.
func (s *Service) SetPassengers(ctx context.Context, member int64, ref string, passengers []Passenger, c Contact) error {
	return s.setPassengers(ctx, member, ref, passengers, c, nil)
}

// AgreePassengers is SetPassengers by a customer who agreed to a new total, in won.
func (s *Service) AgreePassengers(ctx context.Context, member int64, ref string, passengers []Passenger, c Contact, total int64) error {
	return s.setPassengers(ctx, member, ref, passengers, c, &total)
}

func (s *Service) setPassengers(ctx context.Context, member int64, ref string, passengers []Passenger, c Contact, agreed *int64) error {
	return s.act(ctx, member, ref, func(ctx context.Context, l *Locked) error {
		if err := l.checkLive(); err != nil {
			return err
		}
		counted, err := l.recount(ctx, passengers, agreed)
		if err != nil {
			return err
		}
		if err := l.noteTravellers(ctx, counted); err != nil {
			return err
		}
		return l.putPassengers(ctx, counted, c)
	})
}

func (l *Locked) putPassengers(ctx context.Context, passengers []Passenger, c Contact) error {
	for i, p := range passengers {
		err := l.tx.PassengerPut(ctx, db.PassengerPutParams{BookingID: l.Row.ID, PassengerNo: i + 1, Kind: string(p.Kind),
			Surname: p.Surname, GivenName: p.GivenName, BirthDate: at(p.BirthDate), Nationality: p.Nationality, ExitConsent: p.ExitConsent})
		if err != nil {
			return err
		}
	}
	n, err := l.tx.BookingSetContact(ctx, db.BookingSetContactParams{ContactName: c.Name, ContactEmail: c.Email,
		ContactPhone: c.Phone, Language: c.Language, ID: l.Row.ID})
	l.Row.Version++
	return exactly(n, 1, err)
}

// noteTravellers writes down who is to be on each flight. A traveller who is twice in the booking, or in another live
// one of the same member, is refused at once. Other members' bookings are not asked: the answer would tell a stranger
// who is on a flight, and a place that an unpaid hold could take would let a stranger keep a person off it. Whoever pays
// has the place, by claimTravellers.
func (l *Locked) noteTravellers(ctx context.Context, passengers []Passenger) error {
	hashes := make([][]byte, len(passengers))
	seen := map[string]bool{}
	for i, p := range passengers {
		hashes[i] = travellerHash(p)
		if seen[string(hashes[i])] {
			return ErrTravellerHere
		}
		seen[string(hashes[i])] = true
	}
	by := l.byFlight()
	if err := l.tx.TravellersDelete(ctx, sortedKeys(by), l.Row.ID); err != nil {
		return err
	}
	for _, flight := range sortedKeys(by) {
		n, err := l.tx.TravellersOfMember(ctx, db.TravellersOfMemberParams{FlightID: flight, Hashes: hashes, MemberID: l.Row.MemberID,
			BookingID: l.Row.ID, Replaced: l.Row.Replaces.Int64, Now: at(l.Now)})
		if err != nil {
			return err
		}
		if n > 0 {
			return ErrTravellerHere
		}
		for i, hash := range hashes {
			err := l.tx.TravellerPut(ctx, db.TravellerPutParams{FlightID: flight, BookingID: l.Row.ID, PassengerNo: i + 1, TravellerHash: hash})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// claimTravellers takes the travellers' places on each flight, under UNIQUE (flight, traveller, live), whatever the
// account; those of the booking that this one replaces come free before. Errors: ErrTravellerHere, which must roll back.
func (l *Locked) claimTravellers(ctx context.Context) error {
	for _, flight := range sortedKeys(l.toLock()) {
		for _, one := range l.all()[1:] {
			if err := l.tx.TravellersRelease(ctx, flight, one.Row.ID); err != nil {
				return err
			}
		}
		err := l.tx.TravellersClaim(ctx, flight, l.Row.ID)
		if db.IsDuplicate(err) {
			return ErrTravellerHere
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// releaseTravellers gives the travellers' places back.
func (l *Locked) releaseTravellers(ctx context.Context) error {
	for _, flight := range sortedKeys(l.byFlight()) {
		if err := l.tx.TravellersRelease(ctx, flight, l.Row.ID); err != nil {
			return err
		}
	}
	return nil
}

// travellerHash stands for a person without naming them: the same for every way to write the same name.
func travellerHash(p Passenger) []byte {
	name := strings.ToUpper(norm.NFKC.String(p.Surname + "/" + p.GivenName))
	name = strings.Join(strings.Fields(name), "")
	sum := sha256.Sum256([]byte(name + "|" + p.BirthDate.Format(time.DateOnly)))
	return sum[:]
}

// Complete tells whether all that a ticket needs is written down. Errors: ErrIncomplete.
func (l *Locked) Complete(ctx context.Context) error {
	passengers, err := l.tx.PassengersOf(ctx, l.Row.ID)
	if err != nil {
		return err
	}
	if len(passengers) != l.Row.Adults+l.Row.Children+l.Row.Infants || l.Row.ContactEmail == "" {
		return ErrIncomplete
	}
	return nil
}
