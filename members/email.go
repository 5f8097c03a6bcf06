package members

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Longest address and name, in characters; the address also in bytes (RFC 5321, errata 1690).
const (
	MaxEmail = 254
	MaxName  = 200
)

// maxLocal is the longest part before the @, in bytes.
const maxLocal = 64

// Email is an address in two forms: as its owner writes it, and as the key under which it is one account.
type Email struct {
	Shown string
	Key   string
}

// ParseEmail reads a typed address. Blanks around it are dropped; the key does not depend on case or on how
// accents are composed, and holds the domain in its ASCII form. Faults: Missing, Malformed.
func ParseEmail(typed string) (Email, Fault) {
	shown := norm.NFC.String(strings.TrimSpace(typed))
	if shown == "" {
		return Email{}, Missing
	}
	at := strings.LastIndexByte(shown, '@')
	if at < 1 || at > maxLocal || len(shown) > MaxEmail || !utf8.ValidString(shown) || !plainLocal(shown[:at]) {
		return Email{}, Malformed
	}
	domain, err := idna.Lookup.ToASCII(shown[at+1:])
	if err != nil || !strings.Contains(strings.Trim(domain, "."), ".") || strings.HasSuffix(domain, ".") {
		return Email{}, Malformed
	}
	key := norm.NFC.String(cases.Fold().String(shown[:at])) + "@" + strings.ToLower(domain)
	if len(key) > MaxEmail {
		return Email{}, Malformed
	}
	return Email{Shown: shown, Key: key}, ""
}

// plainLocal tells whether the part before the @ can stand in a mail's header as it is. Quoted parts, which
// nobody uses, are not taken.
func plainLocal(local string) bool {
	refused := func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune(`@()<>[]:;,"\`, r)
	}
	return !strings.ContainsFunc(local, refused) && !strings.HasPrefix(local, ".") &&
		!strings.HasSuffix(local, ".") && !strings.Contains(local, "..")
}

// ParseName reads a typed name: blanks are folded, everything that can be seen is taken as it is.
// Faults: Missing, TooLong, Malformed (control characters, or ones that turn the direction of writing).
func ParseName(typed string) (string, Fault) {
	name := norm.NFC.String(strings.Join(strings.Fields(typed), " "))
	switch {
	case name == "":
		return "", Missing
	case utf8.RuneCountInString(name) > MaxName:
		return "", TooLong
	case !utf8.ValidString(name) || strings.ContainsFunc(name, invisible):
		return "", Malformed
	}
	return name, ""
}

// invisible characters have no place in a name, apart from the joiners that some scripts and emoji need.
func invisible(r rune) bool {
	const joiner, nonJoiner = '\u200d', '\u200c'
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != joiner && r != nonJoiner
}
