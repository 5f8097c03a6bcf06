package members

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Errors that callers tell apart.
var (
	// ErrCredentials: address, password or one-time code is wrong; which of them is not told.
	ErrCredentials = errors.New("members: wrong credentials")
	// ErrSecondFactor: the password is right, and a one-time code is needed as well.
	ErrSecondFactor = errors.New("members: one-time code needed")
	// ErrUnknown: there is no such member.
	ErrUnknown = errors.New("members: no such member")
	// ErrLink: a mailed link was never made, was used before, or was replaced by a newer one.
	ErrLink = errors.New("members: link not valid")
	// ErrLinkExpired: a mailed link is too old.
	ErrLinkExpired = errors.New("members: link expired")
	// ErrBusy: too many passwords are being checked at once; a *WaitError says when to come back.
	ErrBusy = errors.New("members: too many log-ins at once")
	// ErrThrottled: too many attempts by this caller; a *WaitError says when to come back.
	ErrThrottled = errors.New("members: too many attempts")
	// ErrAway: Redis, which keeps the limits, does not answer.
	ErrAway = errors.New("members: limits are away")
	// ErrDemoOnly: the call exists for local runs and is refused elsewhere.
	ErrDemoOnly = errors.New("members: only in a demo")
)

// WaitError is ErrBusy or ErrThrottled together with the time after which a further try is welcome.
type WaitError struct {
	Reason error
	Wait   time.Duration
}

func (e *WaitError) Error() string { return fmt.Sprintf("%v: wait %v", e.Reason, e.Wait) }

// Unwrap returns ErrBusy or ErrThrottled.
func (e *WaitError) Unwrap() error { return e.Reason }

// Field names a field of a form.
type Field string

// The fields in which faults are found.
const (
	FieldEmail    Field = "email"
	FieldPassword Field = "password"
	FieldCurrent  Field = "current"
	FieldName     Field = "name"
	FieldTerms    Field = "terms"
)

// Fault says what is wrong with a field.
type Fault string

// The faults. The empty one is none.
const (
	Missing   Fault = "missing"
	Malformed Fault = "malformed"
	TooShort  Fault = "too_short"
	TooLong   Fault = "too_long"
	TooCommon Fault = "too_common"
	IsEmail   Fault = "is_email"
	Wrong     Fault = "wrong"
)

// Faults are what is wrong with a form, by field. As an error it means that nothing was done.
type Faults map[Field]Fault

func (f Faults) Error() string {
	var b strings.Builder
	b.WriteString("members: form refused:")
	for _, field := range slices.Sorted(maps.Keys(f)) {
		fmt.Fprintf(&b, " %s %s", field, f[field])
	}
	return b.String()
}

// add notes a fault, unless it is none.
func (f Faults) add(field Field, fault Fault) {
	if fault != "" {
		f[field] = fault
	}
}

// err is f as an error, nil without faults.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}
