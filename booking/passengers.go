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
	Kind        Kind
	Surname     string
	GivenName   string
	BirthDate   time.Time // midnight UTC of the date
	Nationality string    // ISO 3166-1 alpha-2; international flights only
	ExitConsent bool      // agreed to help in an exit row
}

// Contact is whom the airline writes to.
type Contact struct{ Name, Email, Phone, Language string }

// SetPassengers writes who travels, in passenger order, and how to reach them; it may be repeated while the hold
// lives. One traveller may be on a flight once, whatever the account. Errors: ErrNotFound, ErrExpired,
// ErrState, ErrCancelled, ErrParty, ErrTravellerHere, ErrBusy.
func (s *Service) SetPassengers(ctx context.Context, member int64, ref string, passengers []Passenger, c Contact) error {
	return s.act(ctx, member, ref, func(ctx context.Context, l *Locked) error {
		if err := l.checkLive(); err != nil {
			return err
		}
		if !l.fits(passengers) {
			return ErrParty
		}
		if err := l.claimTravellers(ctx, passengers); err != nil {
			return err
		}
		return l.putPassengers(ctx, passengers, c)
	})
}

// fits tells whether the kinds are those that the hold was priced for.
func (l *Locked) fits(passengers []Passenger) bool {
	kinds := partyOf(l.Row).Kinds()
	if len(kinds) != len(passengers) {
		return false
	}
	for i, p := range passengers {
		if p.Kind != kinds[i] {
			return false
		}
	}
	return true
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

// claimTravellers puts each traveller on each flight under UNIQUE (flight, traveller, live), after freeing places
// of bookings whose hold has run out.
func (l *Locked) claimTravellers(ctx context.Context, passengers []Passenger) error {
	hashes := make([][]byte, len(passengers))
	for i, p := range passengers {
		hashes[i] = travellerHash(p)
	}
	by := l.byFlight()
	if err := l.tx.TravellersDelete(ctx, sortedKeys(by), l.Row.ID); err != nil {
		return err
	}
	for _, flight := range sortedKeys(by) {
		if err := l.freeTravellers(ctx, flight, hashes); err != nil {
			return err
		}
		for i, hash := range hashes {
			err := l.tx.TravellerPut(ctx, db.TravellerPutParams{FlightID: flight, BookingID: l.Row.ID, PassengerNo: i + 1, TravellerHash: hash})
			if db.IsDuplicate(err) {
				return ErrTravellerHere
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// freeTravellers frees the places that travellers have in bookings which have ended.
func (l *Locked) freeTravellers(ctx context.Context, flight int64, hashes [][]byte) error {
	return l.tx.TravellersFree(ctx, db.TravellersFreeParams{FlightID: flight, Hashes: hashes, Now: at(l.Now)})
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
