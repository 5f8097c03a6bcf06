package bookings

import "time"

// Verification is the page that tells whether a ticket is genuine.
type Verification struct {
	Code, Name string // as typed
	Key        string // the public key, in base64
	Refused    bool   // the text is no bar code of ours
	Genuine    bool
	Stands     bool // not cancelled or changed since
	NameFits   bool
	Number     string
	Issued     time.Time
	Coupons    []Coupon
}

// Coupon is one flight of a ticket; Seat is empty on a lap.
type Coupon struct{ Flight, Seat string }
