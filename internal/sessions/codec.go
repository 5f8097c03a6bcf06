package sessions

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Codec writes a session's deadline and values in a few bytes. It is an scs.Codec. Values may be int64, int,
// string and bool.
//
// The form is: deadline in Unix milliseconds, and for each value its key, its kind and itself; numbers are varints,
// texts have their length before them. Who changes it ends all sessions.
type Codec struct{}

// Kinds of values.
const (
	kindInt64 = iota
	kindInt
	kindString
	kindTrue
	kindFalse
)

var (
	// ErrKind says that a session has a value of a kind that it cannot store.
	ErrKind = errors.New("sessions: values of this kind cannot be stored")
	// ErrForm says that stored bytes are not a session.
	ErrForm = errors.New("sessions: not a session")
)

// Encode writes a session. Errors: ErrKind.
func (Codec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	b := binary.AppendVarint(nil, deadline.UnixMilli())
	for key, value := range values {
		b = appendText(b, key)
		switch v := value.(type) {
		case int64:
			b = binary.AppendVarint(append(b, kindInt64), v)
		case int:
			b = binary.AppendVarint(append(b, kindInt), int64(v))
		case string:
			b = appendText(append(b, kindString), v)
		case bool:
			if v {
				b = append(b, kindTrue)
			} else {
				b = append(b, kindFalse)
			}
		default:
			return nil, fmt.Errorf("%w: %q is a %T", ErrKind, key, value)
		}
	}
	return b, nil
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// Decode reads a session. Errors: ErrForm.
func (Codec) Decode(b []byte) (deadline time.Time, values map[string]any, err error) {
	r := reader{rest: b}
	deadline, values = time.UnixMilli(r.number()), map[string]any{}
	for len(r.rest) > 0 && !r.broken {
		key := r.text()
		values[key] = r.value()
	}
	if r.broken {
		return time.Time{}, nil, ErrForm
	}
	return deadline, values, nil
}

// reader takes one thing after another; broken once there was less than was said.
type reader struct {
	rest   []byte
	broken bool
}

func (r *reader) number() int64 {
	v, n := binary.Varint(r.rest)
	r.skip(n)
	return v
}

func (r *reader) text() string {
	length, n := binary.Uvarint(r.rest)
	r.skip(n)
	if length > uint64(len(r.rest)) {
		r.skip(0)
		return ""
	}
	text := string(r.rest[:length])
	r.rest = r.rest[length:]
	return text
}

// skip goes on by n bytes; n is 0 or less where nothing could be read.
func (r *reader) skip(n int) {
	if n <= 0 {
		r.broken, r.rest = true, nil
		return
	}
	r.rest = r.rest[n:]
}

func (r *reader) value() any {
	if len(r.rest) == 0 {
		r.broken = true
		return nil
	}
	kind := r.rest[0]
	r.rest = r.rest[1:]
	switch kind {
	case kindInt64:
		return r.number()
	case kindInt:
		return int(r.number())
	case kindString:
		return r.text()
	case kindTrue:
		return true
	case kindFalse:
		return false
	}
	r.skip(0)
	return nil
}
